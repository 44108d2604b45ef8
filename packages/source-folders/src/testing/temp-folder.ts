import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The SavedModel x / 2 + 2, and its second version. */
export const HALF_PLUS_TWO: string = fileURLToPath(new URL("../../../../fixtures/half_plus_two", import.meta.url));

/** A folder for one test. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  at(...names: string[]): string;
  /** Writes a file, with the folders above it. */
  write(name: string, text: string): Promise<void>;
  /** Copies a whole version of half_plus_two to a version folder. */
  copyModel(version: 1 | 2, entry: string): Promise<void>;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "servable-")));
  const at = (...names: string[]): string => join(path, ...names);
  return {
    path,
    at,
    async write(name, text) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), text);
    },
    copyModel: (version, entry) => cp(join(HALF_PLUS_TWO, String(version)), at(entry), { recursive: true }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
