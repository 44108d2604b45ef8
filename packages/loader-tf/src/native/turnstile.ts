/** Work that takes a seat until it says that it has ended. */
export type Job = (ended: () => void) => void;

/** One who has jobs, one after another. */
export interface Lane {
  /** Jobs of this lane that may run at once. */
  readonly limit: number;
  /** The job whose turn it is; undefined where none waits. */
  next(): Job | undefined;
}

/** A fixed number of seats that lanes share; they take turns. */
export class Turnstile {
  readonly #seats: number;
  /** Lanes that may have jobs, in the order of their turns. */
  readonly #waiting = new Set<Lane>();
  readonly #running = new Map<Lane, number>();
  #taken = 0;

  constructor(seats: number) {
    this.#seats = seats;
  }

  /** Says that a lane may have a job. */
  wake(lane: Lane): void {
    this.#waiting.add(lane);
    this.#admit();
  }

  #admit(): void {
    for (let refused = 0; refused < this.#waiting.size; ) {
      const [lane] = this.#waiting;
      if (lane === undefined) return;
      this.#waiting.delete(lane);
      const running = this.#running.get(lane) ?? 0;
      const isFull = running >= lane.limit || this.#taken >= this.#seats;
      if (isFull) {
        this.#waiting.add(lane);
        refused++;
        continue;
      }
      const job = lane.next();
      if (job === undefined) continue;
      this.#waiting.add(lane);
      refused = 0;
      this.#start(lane, job);
    }
  }

  #start(lane: Lane, job: Job): void {
    this.#taken++;
    this.#running.set(lane, (this.#running.get(lane) ?? 0) + 1);
    let isOver = false;
    job(() => {
      if (isOver) return;
      isOver = true;
      this.#taken--;
      const left = (this.#running.get(lane) ?? 1) - 1;
      if (left > 0) this.#running.set(lane, left);
      else this.#running.delete(lane);
      this.#admit();
    });
  }
}
