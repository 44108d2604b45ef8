import type { ByteRange, OpenFiles } from "@servable/core";
import type { ReadFile } from "./protocol.js";

/** What came of reading a file. */
export type FileResult = { readonly bytes: Uint8Array } | { readonly error: unknown };

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

/** Reads files that lie on the other side of the line. */
export class RemoteFiles {
  readonly #ask: (question: ReadFile) => void;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;

  /** @param ask sends a question over the line */
  constructor(ask: (question: ReadFile) => void) {
    this.#ask = ask;
  }

  /** The files of a model. */
  of(model: number): OpenFiles {
    return {
      read: (name, range) => this.#read(model, name, range),
      list: async () => {
        throw new Error("a worker reads files by name");
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  settle(request: number, result: FileResult): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if ("bytes" in result) waiting?.resolve(result.bytes);
    else waiting?.reject(result.error);
  }

  #read(model: number, name: string, range: ByteRange | undefined): Promise<Uint8Array> {
    const request = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      this.#ask({ type: "read-file", model, request, name, ...(range === undefined ? {} : { range }) });
    });
  }
}
