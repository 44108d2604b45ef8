import { ServingError } from "@servable/core";

/** Counts the calls under way, and holds them to a limit. */
export interface CallsInFlight {
  readonly inFlight: () => number;
  /** @throws ServingError RESOURCE_EXHAUSTED where as many are under way as may be */
  enter(): void;
  leave(): void;
}

/** Makes {@link CallsInFlight}. */
export function countCalls(limit: number): CallsInFlight {
  let count = 0;
  return {
    inFlight: () => count,
    enter() {
      if (count >= limit) {
        throw new ServingError("RESOURCE_EXHAUSTED", `${count} calls are under way, as many as may be; try again soon`);
      }
      count++;
    },
    leave() {
      count--;
    },
  };
}
