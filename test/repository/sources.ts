import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

const IGNORED = new Set(["node_modules", "dist", "gen", ".cache", ".turbo", ".git", "coverage", "api"]);

/** Paths, relative to the repository, of all files below `folder` that end in `suffix`; made and foreign ones left out. */
export function filesIn(folder: string, suffix: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : filesIn(path, suffix);
    return entry.name.endsWith(suffix) ? [relative(".", path)] : [];
  });
}

/** The text of a file, by its path relative to the repository. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The folders of the packages. */
export function packageNames(): string[] {
  return readdirSync(join(root, "packages"));
}
