import { readFile } from "node:fs/promises";
import { type ModelFiles, ServingError } from "@servable/core";
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
  const counts = { opened: 0, closed: 0 };
  const bytesOf = async (name: string): Promise<Uint8Array> => {
    const bytes = new Uint8Array(await readFile(`${fixtures}/${model}/${name}`));
    const changed = tamper(name, bytes);
    if (changed === null) throw new ServingError("NOT_FOUND", `there is no file ${name}`);
    return changed ?? bytes;
  };
  return {
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    async open() {
      counts.opened++;
      return {
        list: async () => [],
        read: async (name, range) => {
          const bytes = await bytesOf(name);
          return range === undefined ? bytes : bytes.slice(range.start, range.end);
        },
        async [Symbol.asyncDispose]() {
          counts.closed++;
        },
      };
    },
  };
}
