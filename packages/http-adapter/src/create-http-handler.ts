import type { Manager } from "@servable/core";
import { Cancellation } from "@servable/inference";
import { bodyBroke, bodyWasRead } from "./body-errors.js";
import { answerer } from "./exchange.js";
import { gatherStream } from "./gather-bytes.js";
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
      header: (name) => request.headers.get(name) ?? undefined,
      cancellation: following(request.signal),
    });
    return new Response(request.method === "HEAD" ? null : (body as BodyInit), { status, headers });
  };
}

function following(signal: AbortSignal): Cancellation {
  const cancellation = new Cancellation();
  const cancel = (): void => cancellation.cancel(signal.reason);
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return cancellation;
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > maxBytes) return undefined;
  if (request.bodyUsed) throw bodyWasRead();
  if (request.body === null) return new Uint8Array(0);
  try {
    return await gatherStream(request.body, maxBytes, announced);
  } catch (error) {
    throw bodyBroke(error);
  }
}
