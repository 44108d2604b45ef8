/** A limited number of places for work, given out fairly: each name in turn, within a name first come first served. */
export interface Slots {
  /** Calls `start` once a place is free, maybe at once; it gets the function that frees the place again. */
  request(name: string, start: (free: () => void) => void): Request;
}

/** A place asked for. */
export interface Request {
  /** Gives up waiting; does nothing once `start` has been called. */
  cancel(): void;
}

/** @throws RangeError if `count` is not at least 1 */
export function createSlots(count: number): Slots {
  if (!(count >= 1)) throw new RangeError(`the number of slots must be at least 1, got ${count}`);
  // Insertion order is the turn: a name that has had its turn goes to the end.
  const queues = new Map<string, Set<(free: () => void) => void>>();
  let taken = 0;

  const fill = (): void => {
    for (const [name, queue] of queues) {
      if (taken >= count) return;
      const [start] = queue;
      if (start === undefined) continue;
      queue.delete(start);
      queues.delete(name);
      if (queue.size > 0) queues.set(name, queue);
      taken++;
      let held = true;
      start(() => {
        if (!held) return;
        held = false;
        taken--;
        fill();
      });
    }
  };

  return {
    request(name, start) {
      const queue = queues.get(name) ?? new Set();
      queue.add(start);
      queues.set(name, queue);
      fill();
      return {
        cancel() {
          queue.delete(start);
          if (queue.size === 0 && queues.get(name) === queue) queues.delete(name);
        },
      };
    },
  };
}
