import { readFile } from "node:fs/promises";
import { UsageError } from "./usage-error.js";

/**
 * The text of a file that a flag names.
 * @throws UsageError if it cannot be read
 */
export async function readFlagFile(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UsageError(`--${flag}=${file} cannot be read (${code})`);
  }
}
