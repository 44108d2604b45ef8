import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What goes on at a connection: nothing, requests being answered, or one whose body is still to come. */
export type Activity = "idle" | "answering" | "reading";

/** Keeps an eye on connections and the requests on them, so that a server can close after the last answer of each. */
export interface Connections {
  /** Takes note of a new connection. */
  open(socket: Socket): void;
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
}

/** Makes {@link Connections}. */
export function trackConnections(): Connections {
  const pending = new Map<Socket, Set<ServerResponse>>();
  let draining = false;
  let onEmpty = (): void => {};

  const closeAfterAnswers = (socket: Socket): void => {
    // Only the last of pipelined answers may close: the others would cut off those behind them.
    const [last, ...earlier] = [...(pending.get(socket) ?? [])].reverse();
    for (const response of earlier) if (!response.headersSent) response.removeHeader("connection");
    if (last !== undefined && !last.headersSent) last.setHeader("connection", "close");
  };

  return {
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
      const responses = [...(pending.get(socket) ?? [])];
      if (responses.length === 0) return "idle";
      return responses.every(({ req }) => req.complete) ? "answering" : "reading";
    },
    closeAfterAnswers,
    drain() {
      draining = true;
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
  };
}
