import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ServingError } from "@servable/core";
import { Cancellation } from "@servable/inference";

/** Makes a function that gives each response a cancellation, for the case that its connection closes before the answer. */
export function watchHangUps(): (response: ServerResponse) => Cancellation {
  // One listener per connection: responses that wait behind others are not told of its end, and many would be too many.
  const waiting = new WeakMap<Socket, Set<Cancellation>>();

  const waitingOn = (socket: Socket): Set<Cancellation> => {
    const known = waiting.get(socket);
    if (known !== undefined) return known;
    const calls = new Set<Cancellation>();
    waiting.set(socket, calls);
    socket.on("close", () => {
      for (const call of calls) call.cancel(new ServingError("CANCELLED", "the client hung up"));
    });
    return calls;
  };

  return (response) => {
    const calls = waitingOn(response.req.socket);
    const call = new Cancellation();
    calls.add(call);
    response.on("finish", () => calls.delete(call));
    return call;
  };
}
