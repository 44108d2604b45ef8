import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { ModelRequest } from "./request-recorder.js";

/** Options of {@link recordingProxy}. */
export interface ProxyOptions {
  /** The server to pass requests on to. */
  readonly url: URL;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The model whose requests are told of. */
  readonly model: string;
  /** Told of each call of the model that the server has answered with 200. */
  readonly onRequest: (request: ModelRequest) => void;
}

/** A server that passes requests on to another. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
}

/**
 * Passes requests on to a server of TensorFlow Serving's REST API, and tells of those that have called a model.
 * @throws what `listen` throws
 */
export async function recordingProxy(options: ProxyOptions): Promise<RecordingProxy> {
  const server = createServer((request, response) => void passOn(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
    },
  };
}

async function passOn(request: IncomingMessage, response: ServerResponse, options: ProxyOptions): Promise<void> {
  try {
    const body = await gathered(request);
    const answer = await ask(request, body, options.url);
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    await new Promise<void>((resolve, reject) => {
      answer.once("error", reject);
      response.once("error", reject);
      response.once("finish", resolve);
      answer.pipe(response);
    });
    const verb = verbOf(request.url ?? "", options.model);
    const encoding = request.headers["content-encoding"];
    if (answer.statusCode === 200 && verb !== undefined) options.onRequest({ verb, body, encoding });
  } catch (error) {
    const message = `${options.url.origin} cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    if (!response.headersSent) response.writeHead(502, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: message }));
  }
}

async function gathered(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

function ask({ method, url = "/", headers }: IncomingMessage, body: Uint8Array, server: URL): Promise<IncomingMessage> {
  // The whole body is here now: its length is known, and the connection is another.
  const { connection: _connection, "transfer-encoding": _encoding, ...kept } = headers;
  const send = server.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const target = new URL(url, server);
    const hasBody = body.length > 0 || method === "POST";
    const forwarded = { ...kept, host: server.host, ...(hasBody && { "content-length": body.length }) };
    send(target, { method, headers: forwarded }, resolve).once("error", reject).end(body);
  });
}

/** What a path asks of that model, in any of its versions. */
function verbOf(path: string, model: string): ModelRequest["verb"] | undefined {
  const found = /\/v1\/models\/([^/:]+)(?:\/(?:versions|labels)\/[^/:]+)?:(predict|classify|regress)$/.exec(path);
  const [, name = "", verb] = found ?? [];
  if (verb !== "predict" && verb !== "classify" && verb !== "regress") return undefined;
  return decoded(name) === model ? verb : undefined;
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
