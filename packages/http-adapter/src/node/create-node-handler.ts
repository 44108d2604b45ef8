import type { IncomingMessage, ServerResponse } from "node:http";
import type { Manager } from "@servable/core";
import type { Answer } from "../answer.js";
import { answerer } from "../exchange.js";
import { type HttpOptions, type ResolvedHttpOptions, resolveHttpOptions } from "../options.js";
import { eventLoopDelay } from "./event-loop-delay.js";
import { watchHangUps } from "./hang-ups.js";
import { readBody } from "./read-body.js";

/** How long the rest of a body that is too large is thrown away, so that its sender gets to read the answer. */
const LINGER_MS = 2_000;

/** What Node's `http` module and the frameworks on top of it call for each request. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * TensorFlow Serving's REST API over a manager, as a listener of Node's `http` module. It takes no part in fetch's
 * objects, which cost more than a small model. When the client hangs up, the call on the model is aborted.
 * @throws RangeError for an option out of its range
 */
export function createNodeHandler(manager: Manager, options?: HttpOptions): NodeHandler {
  const resolved = withEventLoop(resolveHttpOptions(options));
  const answer = answerer(manager, resolved);
  const hangUps = watchHangUps();
  return (request, response) => {
    const cancellation = hangUps.watch(response);
    const exchange = {
      method: request.method ?? "GET",
      path: pathOf(request.url ?? "/"),
      readBody: () => readBody(request, resolved.maxBodyBytes),
      header: (name: string) => headerOf(request, name),
      cancellation,
    };
    // A client that is gone aborts the signal; without a listener its error would end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    void answer(exchange).then((given) => {
      hangUps.answered(response, cancellation);
      send(given, request, response);
    });
  };
}

function withEventLoop(options: ResolvedHttpOptions): ResolvedHttpOptions {
  const { metrics } = options;
  if (metrics === undefined) return options;
  return { ...options, metrics: { ...metrics, families: [...metrics.families, eventLoopDelay()] } };
}

/** The path of a request; a proxy sends the whole address. */
function pathOf(url: string): string {
  return url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value.join(", ") : value;
}

function send({ status, headers, body }: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (request.socket.destroyed || response.headersSent) return;
  const length = { "content-length": Buffer.byteLength(body) };
  if (status !== 413) {
    response.writeHead(status, { ...headers, ...length });
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  // HTTP/2 has no such header: there the stream ends alone.
  const closing = request.httpVersionMajor === 1 ? { connection: "close" } : {};
  response.writeHead(status, { ...headers, ...length, ...closing });
  response.write(body);
  // Closing at once would reset the connection while the client sends, and it might never see the answer.
  const finish = (): void => {
    clearTimeout(linger);
    request.off("end", finish);
    response.end();
  };
  const linger = setTimeout(finish, LINGER_MS);
  request.on("end", finish);
  response.on("close", () => clearTimeout(linger));
  request.resume();
}
