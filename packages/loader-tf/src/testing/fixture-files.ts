import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type ByteRange, type ModelFiles, type OpenFiles, ServingError } from "@servable/core";
import { fixtures } from "./golden.js";

/** Changes the bytes of a file on their way: undefined leaves them, null takes the file away. */
export type Tamper = (name: string, bytes: Uint8Array) => Uint8Array | null | undefined;

/** The files of a model that TensorFlow made, with how often they were opened and closed. */
export interface FixtureFiles extends ModelFiles {
  readonly opened: number;
  readonly closed: number;
}

/** Files of `fixtures/<model>`, as any source would hand them out. */
export function fixtureFiles(model: string, tamper: Tamper = () => undefined): FixtureFiles {
  const folder = join(fixtures, model);
  const counts = { opened: 0, closed: 0 };
  const present = async (name: string): Promise<Uint8Array | null> => {
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    const changed = tamper(name, bytes);
    return changed === undefined ? bytes : changed;
  };
  const list = async (): Promise<{ name: string; sizeBytes: number }[]> => {
    const files: { name: string; sizeBytes: number }[] = [];
    for (const name of await namesIn(folder)) {
      const bytes = await present(name);
      if (bytes !== null) files.push({ name, sizeBytes: bytes.length });
    }
    return files;
  };
  const read = async (name: string, range?: ByteRange): Promise<Uint8Array> => {
    if (name.startsWith("/") || name.split("/").includes("..")) throw refusal("INVALID_ARGUMENT", `${name} leads out`);
    const bytes = (await namesIn(folder)).includes(name) ? await present(name) : null;
    if (bytes === null) throw refusal("NOT_FOUND", `there is no file ${name}`);
    if (range === undefined) return bytes;
    const { start, end } = range;
    const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
    if (whole && start >= 0 && start <= end && end <= bytes.length) return bytes.slice(start, end);
    throw refusal("INVALID_ARGUMENT", `${name} has no bytes ${start} to ${end}`);
  };
  return {
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    async open({ signal }): Promise<OpenFiles> {
      signal.throwIfAborted();
      counts.opened++;
      let disposed = false;
      return {
        list,
        read,
        async [Symbol.asyncDispose]() {
          if (!disposed) counts.closed++;
          disposed = true;
        },
      };
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => relative(folder, path).replaceAll(sep, "/")).sort();
}

function refusal(code: "INVALID_ARGUMENT" | "NOT_FOUND", text: string): ServingError {
  return new ServingError(code, text);
}
