import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("found", import.meta.url));

/** An input that something once went wrong with. */
export interface FoundCase {
  /** What went wrong, in a few words: the name of its file. */
  readonly name: string;
  readonly input: Uint8Array;
}

/** The cases of a target: the files of `found/TARGET`. */
export function foundCases(target: string): FoundCase[] {
  if (!existsSync(`${folder}/${target}`)) return [];
  return readdirSync(`${folder}/${target}`).map((name) => ({
    name,
    input: new Uint8Array(readFileSync(`${folder}/${target}/${name}`)),
  }));
}
