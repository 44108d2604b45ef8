import { type ModelFiles, ServingError } from "@servable/core";
import { encode } from "../text/utf8.js";

/** Files in memory, with how often they were opened and closed. */
export interface MemoryFiles extends ModelFiles {
  readonly opened: number;
  readonly closed: number;
}

/** The files of a version, by name: text, or bytes; as they are when they are opened. */
export function memoryFiles(content: Readonly<Record<string, string | Uint8Array>>): MemoryFiles {
  const counts = { opened: 0, closed: 0 };
  return {
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    async open() {
      counts.opened++;
      const files = new Map(
        Object.entries(content).map(([name, each]) => [name, typeof each === "string" ? encode(each) : each]),
      );
      return {
        list: async () => [...files].map(([name, bytes]) => ({ name, sizeBytes: bytes.length })),
        async read(name, range) {
          const bytes = files.get(name);
          if (bytes === undefined) throw new ServingError("NOT_FOUND", `there is no file ${name}`);
          return range === undefined ? bytes : bytes.slice(range.start, range.end);
        },
        async [Symbol.asyncDispose]() {
          counts.closed++;
        },
      };
    },
  };
}
