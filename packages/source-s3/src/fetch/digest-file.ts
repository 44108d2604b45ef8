import { open } from "node:fs/promises";
import { type DigestAlgorithm, digester } from "./expected-digest.js";

const STEP_BYTES = 2 ** 20;

/** Sums up a file; gives way to other work after each step. */
export async function digestFile(path: string, algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
  const handle = await open(path, "r");
  try {
    const sum = digester(algorithm);
    const bytes = Buffer.allocUnsafe(STEP_BYTES);
    for (let position = 0; ; ) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
      if (bytesRead === 0) return sum.digest();
      sum.update(bytes.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
