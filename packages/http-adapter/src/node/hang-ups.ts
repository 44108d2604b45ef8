import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ServingError } from "@servable/core";

/** Makes a function that gives each response a signal, which aborts if its connection closes before it is answered. */
export function watchHangUps(): (response: ServerResponse) => AbortSignal {
  // One listener per connection: responses that wait behind others are not told of its end, and many would be too many.
  const waiting = new WeakMap<Socket, Set<AbortController>>();

  const waitingOn = (socket: Socket): Set<AbortController> => {
    const known = waiting.get(socket);
    if (known !== undefined) return known;
    const aborts = new Set<AbortController>();
    waiting.set(socket, aborts);
    socket.on("close", () => {
      for (const abort of aborts) abort.abort(new ServingError("CANCELLED", "the client hung up"));
    });
    return aborts;
  };

  return (response) => {
    const aborts = waitingOn(response.req.socket);
    const abort = new AbortController();
    aborts.add(abort);
    response.on("finish", () => aborts.delete(abort));
    return abort.signal;
  };
}
