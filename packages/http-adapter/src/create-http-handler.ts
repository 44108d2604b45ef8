import type { Manager } from "@servable/core";
import { bodyBroke, bodyWasRead } from "./body-errors.js";
import { answerer } from "./exchange.js";
import { gatherBytes } from "./gather-bytes.js";
import { type HttpOptions, resolveHttpOptions } from "./options.js";

/**
 * TensorFlow Serving's REST API over a manager, for anything that speaks fetch's Request and Response. The promise never
 * rejects; when `request.signal` aborts, the call on the model is aborted too.
 * @throws RangeError for an option out of its range
 */
export function createHttpHandler(manager: Manager, options?: HttpOptions): (request: Request) => Promise<Response> {
  const resolved = resolveHttpOptions(options);
  const answer = answerer(manager, resolved);
  return async (request) => {
    const { status, headers, body } = await answer({
      method: request.method,
      path: new URL(request.url).pathname,
      readBody: () => readBody(request, resolved.maxBodyBytes),
      signal: request.signal,
    });
    return new Response(request.method === "HEAD" ? null : body, { status, headers });
  };
}

async function readBody(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return undefined;
  if (request.bodyUsed) throw bodyWasRead();
  if (request.body === null) return "";
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const bytes = gatherBytes();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw bodyBroke(error);
    });
    if (done) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.all());
    if (bytes.length + value.length > maxBytes) {
      // Not awaited: a stream may take its time to stop, and the answer is known.
      reader.cancel().catch(() => {});
      return undefined;
    }
    bytes.add(value);
  }
}
