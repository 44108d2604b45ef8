import { closeSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type DigestAlgorithm, digester } from "./expected-digest.js";

/** A file that the thread is to sum up. */
export interface DigestOrder {
  readonly path: string;
  readonly algorithm: DigestAlgorithm;
}

/** What it sums up to; undefined if it could not be read. */
export interface DigestReply {
  readonly digest: string | undefined;
}

const bytes = Buffer.allocUnsafe(2 ** 20);

function digestOf({ path, algorithm }: DigestOrder): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const sum = digester(algorithm);
      for (;;) {
        const length = readSync(file, bytes);
        if (length === 0) return sum.digest();
        sum.update(bytes.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

parentPort?.on("message", (order: DigestOrder) => {
  parentPort?.postMessage({ digest: digestOf(order) } satisfies DigestReply, []);
});
