/** A limited number of places for work, given out fairly: each name in turn, within a name first come first served. */
export interface Slots {
  /** Calls `start` once a place is free and `fits` says so, maybe at once; it gets the function that frees the place. */
  request(name: string, work: SlotWork): Request;
  /** Looks again at who waits, after something that `fits` depends on has changed. */
  look(): void;
}

/** What waits for a place. */
export interface SlotWork {
  readonly start: (free: () => void) => void;
  /** Whether it may start now; while it may not, others go first. @defaultValue always */
  readonly fits?: () => boolean;
}

/** A place asked for. */
export interface Request {
  /** Gives up waiting; does nothing once `start` has been called. */
  cancel(): void;
}

/** @param count at least 1 */
export function createSlots(count: number): Slots {
  // Insertion order is the turn: a name that has had its turn goes to the end.
  const queues = new Map<string, Set<SlotWork>>();
  let taken = 0;

  const fill = (): void => {
    for (const [name, queue] of queues) {
      if (taken >= count) return;
      const work = firstThatFits(queue);
      if (work === undefined) continue;
      queue.delete(work);
      queues.delete(name);
      if (queue.size > 0) queues.set(name, queue);
      taken++;
      let held = true;
      work.start(() => {
        if (!held) return;
        held = false;
        taken--;
        fill();
      });
    }
  };

  return {
    request(name, work) {
      const queue = queues.get(name) ?? new Set();
      queue.add(work);
      queues.set(name, queue);
      fill();
      return {
        cancel() {
          queue.delete(work);
          if (queue.size === 0 && queues.get(name) === queue) queues.delete(name);
        },
      };
    },
    look: fill,
  };
}

function firstThatFits(queue: ReadonlySet<SlotWork>): SlotWork | undefined {
  for (const work of queue) if (work.fits?.() ?? true) return work;
  return undefined;
}
