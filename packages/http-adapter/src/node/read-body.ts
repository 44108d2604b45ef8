import type { IncomingMessage } from "node:http";
import type { Cancellation } from "@servable/inference";
import { bodyBroke, bodyWasRead } from "../body-errors.js";
import { gatherBytes } from "../gather-bytes.js";

/** How a body is read. */
export interface BodyReading {
  readonly maxBytes: number;
  /** Cancelled when the client is gone. */
  readonly cancellation: Cancellation;
}

/**
 * Reads a request's body; undefined as soon as it is known to be larger than `maxBytes`. No more than that is
 * ever held.
 * @throws ServingError CANCELLED if the client leaves before the end, INTERNAL if something else has read the body
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, cancellation }: BodyReading,
): Promise<Uint8Array | undefined> {
  const announced = request.headers["content-length"];
  if (announced !== undefined && Number(announced) > maxBytes) return Promise.resolve(undefined);
  if (request.readableDidRead) return Promise.reject(bodyWasRead());
  if (request.destroyed) return Promise.reject(bodyBroke(request.errored));
  return new Promise((resolve, reject) => {
    const bytes = gatherBytes(maxBytes, Number(announced ?? 0));
    let isOver = false;
    const onData = (chunk: Buffer): void => {
      if (isOver || bytes.add(chunk)) return;
      isOver = true;
      request.off("data", onData);
      request.pause();
      resolve(undefined);
    };
    request.on("data", onData);
    request.on("end", () => resolve(bytes.all()));
    // Listeners of the request's own end would cost every call; its connection is watched anyway.
    cancellation.whenCancelled((reason) => reject(bodyBroke(reason)));
  });
}
