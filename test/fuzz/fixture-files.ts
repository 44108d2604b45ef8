import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the workspace. */
export function fileBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(`${root}/${path}`));
}

/** The first version of every model in fixtures. */
export function modelFolders(): string[] {
  return readdirSync(`${root}/fixtures`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(`${root}/fixtures/${entry.name}`).includes("1"))
    .map(({ name }) => `fixtures/${name}/1`);
}
