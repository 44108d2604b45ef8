import type { IncomingMessage } from "node:http";
import { bodyBroke, bodyWasRead } from "../body-errors.js";
import { gatherBytes } from "../gather-bytes.js";

/**
 * Reads a request's body; undefined as soon as it is known to be larger than `maxBytes`. No more than that is
 * ever held.
 * @throws ServingError CANCELLED if the client leaves before the end, INTERNAL if something else has read the body
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(undefined);
  if (request.readableDidRead) return Promise.reject(bodyWasRead());
  if (request.destroyed) return Promise.reject(bodyBroke(request.errored));
  return new Promise((resolve, reject) => {
    const bytes = gatherBytes(maxBytes);
    const onData = (chunk: Buffer): void => {
      if (bytes.add(chunk)) return;
      request.pause();
      settle(() => resolve(undefined));
    };
    const onEnd = (): void => settle(() => resolve(bytes.all()));
    const onBreak = (cause?: unknown): void => settle(() => reject(bodyBroke(cause)));
    const settle = (action: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
      action();
    };
    request.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
  });
}
