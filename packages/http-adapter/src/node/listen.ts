import type { AddressInfo } from "node:net";
import type { Manager } from "@servable/core";
import { type Connections, trackConnections } from "./connections.js";
import { listenError } from "./listen-error.js";
import type { ListenOptions } from "./listen-options.js";
import { makeServer, type NodeServer } from "./make-server.js";
import { urlOf } from "./url-of.js";

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
  const server = makeServer(manager, options, connections);
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
  const url = urlOf(host, address.port, options.tls !== undefined);
  return { url, port: address.port, close, [Symbol.asyncDispose]: () => close() };
}

async function closeServer(server: NodeServer, connections: Connections, timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => connections.cut(), timeoutMs);
  const closed = new Promise((resolve) => server.close(resolve));
  const drained = connections.drain();
  if ("closeIdleConnections" in server) server.closeIdleConnections();
  // The server is closed as soon as sockets are destroyed, which is before they, and the calls on them, know it.
  await Promise.all([closed, drained]);
  clearTimeout(cut);
}
