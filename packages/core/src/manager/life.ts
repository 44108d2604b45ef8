import { ServingError } from "../errors.js";
import type { LoadContext, Loaded, Loader } from "../loader.js";
import type { Progress } from "../progress.js";
import { formatId, type ServableId } from "../servable.js";
import type { Clock } from "./clock.js";
import { Lease } from "./lease.js";
import type { Request, Slots } from "./slots.js";

/** What a life tells its model; each call becomes a message in the manager's mailbox. */
export interface LifeEvents {
  granted(): void;
  progressed(progress: Progress): void;
  loaded(): void;
  failed(error: ServingError): void;
  retryDue(): void;
  drained(): void;
  unloaded(error: ServingError | undefined): void;
}

/** Does what has been decided for one life of a version, and tells the outcome. Holds all that is not pure state. */
export class Life<S> {
  readonly id: ServableId;
  sinceMs: number;
  progress: Progress | undefined;
  /** When the next attempt is due, while it waits for one. */
  retryAtMs: number | undefined;
  /** The error of the last attempt. */
  lastError: ServingError | undefined;
  lease: Lease<S> | undefined;
  readonly #loader: Loader<S>;
  readonly #events: LifeEvents;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #loaded: Loaded<S> | undefined;
  #slotRequest: Request | undefined;
  #freeSlot: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(id: ServableId, loader: Loader<S>, shell: { readonly clock: Clock; readonly events: LifeEvents }) {
    this.id = id;
    this.#loader = loader;
    this.#clock = shell.clock;
    this.#events = shell.events;
    this.sinceMs = shell.clock.now();
  }

  /** Whether a load slot has been asked for or is held. */
  get inLine(): boolean {
    return this.#slotRequest !== undefined;
  }

  waitForSlot(slots: Slots): void {
    this.#slotRequest = slots.request(this.id.name, (free) => {
      this.#freeSlot = free;
      this.#events.granted();
    });
  }

  leaveLine(): void {
    this.#slotRequest?.cancel();
    this.#slotRequest = undefined;
    const free = this.#freeSlot;
    this.#freeSlot = undefined;
    free?.();
  }

  load(): void {
    void this.#attempt().then(
      (loaded) => {
        this.#loaded = loaded;
        this.leaveLine();
        this.#events.loaded();
      },
      (error: unknown) => {
        this.leaveLine();
        this.#events.failed(this.#explain(error));
      },
    );
  }

  // An async function, so that a loader that throws synchronously fails its load and nothing else.
  async #attempt(): Promise<Loaded<S>> {
    const context: LoadContext = {
      id: this.id,
      signal: this.#abort.signal,
      report: (progress) => this.#events.progressed(progress),
    };
    const loaded = await this.#loader.load(context);
    if (typeof loaded?.[Symbol.asyncDispose] === "function") return loaded;
    throw new ServingError("LOAD_FAILED", `${formatId(this.id)}: the loader returned nothing that can be disposed`, {
      retryable: false,
    });
  }

  #explain(error: unknown): ServingError {
    if (this.#abort.signal.aborted) {
      return new ServingError("CANCELLED", `${formatId(this.id)}: no longer wanted while it was loading`, {
        cause: error,
      });
    }
    return ServingError.from(error, "LOAD_FAILED", formatId(this.id));
  }

  /** Tells the running load that it is not wanted any more. */
  cancel(): void {
    this.#abort.abort(new ServingError("CANCELLED", `${formatId(this.id)} is no longer wanted`));
  }

  retryIn(delayMs: number): void {
    this.retryAtMs = this.#clock.now() + delayMs;
    this.#cancelRetry = this.#clock.schedule(() => this.#events.retryDue(), delayMs);
  }

  stopRetrying(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.retryAtMs = undefined;
  }

  /** Makes what has been loaded ready to be borrowed. */
  offer(): Lease<S> {
    if (this.#loaded === undefined)
      throw new ServingError("INTERNAL", `${formatId(this.id)} is offered before it is loaded`);
    this.lease = new Lease(this.id, this.#loaded.servable);
    return this.lease;
  }

  /** Facts of the loader about what it has loaded; a `describe` that throws is told in place of them. */
  describe(): Readonly<Record<string, unknown>> | undefined {
    try {
      return this.#loaded?.describe?.();
    } catch (error) {
      return { describeFailed: String(error) };
    }
  }

  drain(): void {
    this.lease?.drain(() => this.#events.drained());
  }

  unload(): void {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    this.lease = undefined;
    void (async () => loaded?.[Symbol.asyncDispose]())().then(
      () => this.#events.unloaded(this.#abort.signal.aborted ? this.#explain(this.#abort.signal.reason) : undefined),
      (error: unknown) =>
        this.#events.unloaded(ServingError.from(error, "INTERNAL", `${formatId(this.id)}: unload failed`)),
    );
  }
}
