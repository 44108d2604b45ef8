import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Manager } from "@servable/core";
import { type HttpOptions, resolveHttpOptions } from "../options.js";
import { type Connections, trackConnections } from "./connections.js";
import { createNodeHandler } from "./create-node-handler.js";
import { listenError } from "./listen-error.js";
import { refuseMalformed } from "./malformed.js";
import { urlOf } from "./url-of.js";

/** Options of {@link listen}. */
export interface ListenOptions extends HttpOptions {
  /** 0 takes a free one. @defaultValue 8501, TensorFlow Serving's */
  readonly port?: number | undefined;
  /** The address to listen on; 0.0.0.0 for all. @defaultValue 127.0.0.1 */
  readonly host?: string | undefined;
}

/** A server that listens. */
export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8501`. */
  readonly url: string;
  readonly port: number;
  /**
   * Accepts no more, lets accepted requests finish, then closes their connections; what is not finished after
   * `timeoutMs` is cut off. Calling again returns the same promise. The manager stays open.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}

/** Options of `HttpServer.close`. */
export interface ServerCloseOptions {
  /** How long accepted requests are waited for. @defaultValue 10_000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Serves a manager's models over TensorFlow Serving's REST API.
 * @throws RangeError for an option out of its range; ServingError FAILED_PRECONDITION if the port is in use or cannot be
 * had
 */
export async function listen(manager: Manager, options: ListenOptions = {}): Promise<HttpServer> {
  const { port = 8_501, host = "127.0.0.1" } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port must be an integer from 0 to 65535, got ${port}`);
  }
  const connections = trackConnections();
  const server = makeServer(manager, { options, connections });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port })));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = ({ timeoutMs = 10_000 }: ServerCloseOptions = {}): Promise<void> => {
    closed ??= closeServer(server, connections, timeoutMs);
    return closed;
  };
  return { url: urlOf(host, address.port), port: address.port, close, [Symbol.asyncDispose]: () => close() };
}

interface Making {
  readonly options: HttpOptions;
  readonly connections: Connections;
}

function makeServer(manager: Manager, { options, connections }: Making): Server {
  const handler = createNodeHandler(manager, options);
  const { maxBodyBytes } = resolveHttpOptions(options);
  const server = createServer((request, response) => {
    connections.accept(response);
    handler(request, response);
  });
  server.on("connection", (socket) => connections.open(socket));
  // A client that asks before it sends a large body is spared the sending.
  server.on("checkContinue", (request, response) => {
    connections.accept(response);
    if (!(Number(request.headers["content-length"]) > maxBodyBytes)) response.writeContinue();
    handler(request, response);
  });
  server.on("clientError", (error, stream) => {
    const socket = stream as Socket;
    const activity = connections.activity(socket);
    // Requests before the fault get their answers; a fault in a body leaves its request without one of ours.
    if (activity === "answering") connections.closeAfterAnswers(socket);
    else if (activity === "idle") refuseMalformed(error, socket);
    else socket.destroy();
  });
  return server;
}

async function closeServer(server: Server, connections: Connections, timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  const closed = new Promise((resolve) => server.close(resolve));
  const drained = connections.drain();
  server.closeIdleConnections();
  // The server is closed as soon as sockets are destroyed, which is before they, and the calls on them, know it.
  await Promise.all([closed, drained]);
  clearTimeout(cut);
}
