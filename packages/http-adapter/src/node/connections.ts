import type { ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

/**
 * What goes on at a connection: it is not open for requests, nothing, requests being answered, or one whose body is still
 * to come.
 */
export type Activity = "closed" | "idle" | "answering" | "reading";

/** Keeps an eye on connections and the requests on them, so that a server can close after the last answer of each. */
export interface Connections {
  /** Takes note of a new connection of TCP, which may have to agree on TLS before it opens. */
  connect(socket: Socket): void;
  /** Takes note of a connection that requests may come on. */
  open(socket: Socket): void;
  /** Takes note of an HTTP/2 session. */
  openSession(session: ServerHttp2Session): void;
  /** Takes note of a request. */
  accept(response: ServerResponse): void;
  activity(socket: Socket): Activity;
  /** Lets the last answer that is due on a connection close it. */
  closeAfterAnswers(socket: Socket): void;
  /**
   * The same for every connection, those of requests to come too; connections that never said a word end at once.
   * Resolves when none is left.
   */
  drain(): Promise<void>;
  /** Ends all connections at once. */
  cut(): void;
}

/** Makes {@link Connections}. */
export function trackConnections(): Connections {
  const pending = new Map<Socket, Set<ServerResponse>>();
  const sessions = new Set<ServerHttp2Session>();
  const connected = new Set<Socket>();
  let draining = false;
  let onEmpty = (): void => {};

  const closeAfterAnswers = (socket: Socket): void => {
    // Only the last of pipelined answers may close: the others would cut off those behind them.
    const [last, ...earlier] = [...(pending.get(socket) ?? [])].reverse();
    for (const response of earlier) if (!response.headersSent) response.removeHeader("connection");
    if (last !== undefined && !last.headersSent) last.setHeader("connection", "close");
  };

  return {
    connect(socket) {
      connected.add(socket);
      socket.on("close", () => connected.delete(socket));
    },
    openSession(session) {
      sessions.add(session);
      session.on("close", () => sessions.delete(session));
      if (draining) session.close();
    },
    open(socket) {
      pending.set(socket, new Set());
      socket.on("close", () => {
        pending.delete(socket);
        if (pending.size === 0) onEmpty();
      });
    },
    accept(response) {
      const { socket } = response.req;
      const responses = pending.get(socket);
      responses?.add(response);
      if (draining) closeAfterAnswers(socket);
      response.on("close", () => responses?.delete(response));
    },
    activity(socket) {
      const open = pending.get(socket);
      if (open === undefined) return "closed";
      const responses = [...open];
      if (responses.length === 0) return "idle";
      return responses.every(({ req }) => req.complete) ? "answering" : "reading";
    },
    closeAfterAnswers,
    drain() {
      draining = true;
      for (const session of sessions) session.close();
      for (const [socket, responses] of pending) {
        if (responses.size > 0) closeAfterAnswers(socket);
        // Node takes a connection that is yet to say something for a busy one.
        else if (socket.bytesRead === 0) socket.destroy();
      }
      return new Promise((resolve) => {
        onEmpty = resolve;
        if (pending.size === 0) resolve();
      });
    },
    cut() {
      for (const session of sessions) session.destroy();
      for (const socket of connected) socket.destroy();
    },
  };
}
