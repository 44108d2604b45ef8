import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ServingError } from "@servable/core";
import { Cancellation } from "@servable/inference";

/** Cancels what is being answered when its client is gone. */
export interface HangUps {
  /** What is cancelled if the connection closes before the request is answered. */
  watch(response: ServerResponse): Cancellation;
  /** The answer is there: whatever happens to the connection from now on is nobody's business. */
  answered(response: ServerResponse, call: Cancellation): void;
}

/** Makes {@link HangUps}. */
export function watchHangUps(): HangUps {
  // One listener per connection: responses that wait behind others are not told of its end, and many would be too many.
  const waiting = new WeakMap<Socket, Set<Cancellation>>();

  const waitingOn = (socket: Socket): Set<Cancellation> => {
    const known = waiting.get(socket);
    if (known !== undefined) return known;
    const calls = new Set<Cancellation>();
    waiting.set(socket, calls);
    socket.on("close", () => {
      for (const call of calls) call.cancel(hungUp());
    });
    return calls;
  };

  return {
    watch(response) {
      const call = new Cancellation();
      // A stream of HTTP/2 is told of its own end.
      if (response.req.httpVersionMajor > 1) response.req.on("aborted", () => call.cancel(hungUp()));
      else waitingOn(response.req.socket).add(call);
      return call;
    },
    answered(response, call) {
      if (response.req.httpVersionMajor === 1) waiting.get(response.req.socket)?.delete(call);
    },
  };
}

function hungUp(): ServingError {
  return new ServingError("CANCELLED", "the client hung up");
}
