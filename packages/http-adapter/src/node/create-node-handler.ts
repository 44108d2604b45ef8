import type { IncomingMessage, ServerResponse } from "node:http";
import type { Manager } from "@servable/core";
import type { Cancellation } from "@servable/inference";
import type { Answer } from "../answer.js";
import { answerer, type Exchange } from "../exchange.js";
import { type HttpOptions, type ResolvedHttpOptions, resolveHttpOptions } from "../options.js";
import { eventLoopDelay } from "./event-loop-delay.js";
import { watchHangUps } from "./hang-ups.js";
import { NODE_CODECS } from "./node-codecs.js";
import { readBody } from "./read-body.js";

/** How long the rest of a body that is too large is thrown away, so that its sender gets to read the answer. */
const LINGER_MS = 2_000;

/**
 * Bytes up to this go out as text of as many letters: node then writes them and the headers as one, and not as two parts,
 * which costs more than to copy them.
 */
const MOST_AS_TEXT = 16_384;

/** What Node's `http` module and the frameworks on top of it call for each request. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * TensorFlow Serving's REST API over a manager, as a listener of Node's `http` module. It takes no part in fetch's
 * objects, which cost more than a small model. When the client hangs up, the call on the model is aborted.
 * @throws RangeError for an option out of its range
 */
export function createNodeHandler(manager: Manager, options?: HttpOptions): NodeHandler {
  const resolved = { ...withEventLoop(resolveHttpOptions(options)), codecs: NODE_CODECS };
  const answer = answerer(manager, resolved);
  const hangUps = watchHangUps();
  return (request, response) => {
    const cancellation = hangUps.watch(response);
    const exchange = new NodeExchange(request, cancellation, resolved.maxBodyBytes);
    // A client that is gone cancels the call; without a listener its error would end the process.
    response.on("error", ignore);
    if (request.httpVersionMajor > 1) request.on("error", ignore);
    void answer(exchange).then((given) => {
      hangUps.answered(response, cancellation);
      send(given, request, response);
    });
  };
}

function ignore(): void {}

/** A request of node's. */
class NodeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly cancellation: Cancellation;
  readonly #request: IncomingMessage;
  readonly #maxBodyBytes: number;

  constructor(request: IncomingMessage, cancellation: Cancellation, maxBodyBytes: number) {
    this.method = request.method ?? "GET";
    this.path = pathOf(request.url ?? "/");
    this.cancellation = cancellation;
    this.#request = request;
    this.#maxBodyBytes = maxBodyBytes;
  }

  readBody(): Promise<Uint8Array | undefined> {
    return readBody(this.#request, { maxBytes: this.#maxBodyBytes, cancellation: this.cancellation });
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }
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

/** Headers one after another, which node writes without looking at them twice. */
function flat(headers: Answer["headers"], length: number): (string | number)[] {
  const all: (string | number)[] = ["content-length", length];
  for (const name in headers) all.push(name, headers[name] ?? "");
  return all;
}

function send({ status, headers, body }: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (request.socket.destroyed || response.headersSent) return;
  const length = Buffer.byteLength(body);
  if (status !== 413) {
    response.writeHead(status, flat(headers, length));
    if (request.method === "HEAD") response.end();
    else if (typeof body === "string" || length > MOST_AS_TEXT) response.end(body);
    else response.end(Buffer.from(body.buffer, body.byteOffset, length).toString("latin1"), "latin1");
    return;
  }
  // HTTP/2 has no such header: there the stream ends alone.
  const closing = request.httpVersionMajor === 1 ? { connection: "close" } : {};
  response.writeHead(status, { ...headers, "content-length": length, ...closing });
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
