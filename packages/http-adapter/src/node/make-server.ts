import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, createSecureServer, type Http2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Manager } from "@servable/core";
import { resolveHttpOptions } from "../options.js";
import type { Connections } from "./connections.js";
import { createNodeHandler, type NodeHandler } from "./create-node-handler.js";
import { type ListenOptions, resolveLimits, type ServerLimits } from "./listen-options.js";
import { refuseMalformed } from "./malformed.js";

/** A server of node's, of whatever protocol. */
export type NodeServer = Server | Http2Server;

/** Makes a server that answers over a manager, and whose connections are watched. */
export function makeServer(manager: Manager, options: ListenOptions, connections: Connections): NodeServer {
  const handler = createNodeHandler(manager, options);
  const { maxBodyBytes } = resolveHttpOptions(options);
  const limits = resolveLimits(options);
  const server = serverOf(options, limits, (request, response) => {
    connections.accept(response);
    handler(request, response);
  });
  if (limits.maxConnections !== undefined) server.maxConnections = limits.maxConnections;
  server.on("connection", (socket: Socket) => connections.connect(socket));
  if (options.tls !== undefined) server.on("secureConnection", (socket: Socket) => connections.open(socket));
  else server.on("connection", (socket: Socket) => connections.open(socket));
  server.on("session", (session) => connections.openSession(session));
  // A client that asks before it sends a large body is spared the sending.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    connections.accept(response);
    if (!(Number(request.headers["content-length"]) > maxBodyBytes)) response.writeContinue();
    handler(request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const activity = connections.activity(socket);
    // Requests before the fault get their answers; a fault in a body leaves its request without one of ours.
    if (activity === "answering") connections.closeAfterAnswers(socket);
    else if (activity === "idle") refuseMalformed(error, socket);
    else if (activity === "reading" && error.code === "ERR_HTTP_REQUEST_TIMEOUT") refuseMalformed(error, socket);
    else socket.destroy();
  });
  return server;
}

function serverOf({ tls, http2 = false }: ListenOptions, limits: ServerLimits, listener: NodeHandler): NodeServer {
  const { headersTimeoutMs: headersTimeout, requestTimeoutMs: requestTimeout, keepAliveTimeoutMs } = limits;
  const http1: ServerOptions = {
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: keepAliveTimeoutMs,
    // How often node looks for what takes too long.
    connectionsCheckingInterval: Math.min(30_000, headersTimeout),
  };
  const secured = tls && { handshakeTimeout: headersTimeout, ...tls };
  if (!http2)
    return secured === undefined
      ? createServer(http1, listener)
      : createHttpsServer({ ...http1, ...secured }, listener);
  // The objects that node's HTTP/2 hands out here are made to be used as those of HTTP/1.
  const listener2 = listener as unknown as (request: object, response: object) => void;
  const server =
    secured === undefined
      ? createHttp2Server({}, listener2)
      : createSecureServer({ ...http1, ...secured, allowHTTP1: true }, listener2);
  server.on("session", (session) => session.setTimeout(keepAliveTimeoutMs, () => session.close()));
  return server;
}
