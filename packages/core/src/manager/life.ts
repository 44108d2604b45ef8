import type { Clock } from "../clock.js";
import { ServingError } from "../errors.js";
import type { Dependency, LoadContext, Loaded, Loader, Parts, ResourceEstimate } from "../loader.js";
import type { Progress } from "../progress.js";
import { formatId, type ServableId } from "../servable.js";
import type { VersionEvent } from "../version/version-state.js";
import type { Admission } from "./admission.js";
import { askForEstimate, askForLoad } from "./ask-loader.js";
import { History } from "./history.js";
import { Lease, type LeaseOptions } from "./lease.js";
import type { Needs, Reservation, ResourceLedger } from "./resource-ledger.js";
import type { Request, Slots } from "./slots.js";

/** Whom a life tells what happens to it; each call becomes a message in the manager's mailbox. */
export interface LifeOwner {
  readonly clock: Clock;
  /** What its loader may borrow. */
  partsFor(id: ServableId, dependencies: readonly Dependency[]): Parts;
  happened(life: Life<unknown>, event: VersionEvent): void;
  /** An attempt to load has failed; whether there is another is the owner's to say. */
  failed(life: Life<unknown>, error: ServingError): void;
  progressed(life: Life<unknown>, progress: Progress): void;
  /** What it needs is known now. */
  estimated(): void;
  /** Handles are held for too long after lending has ended. */
  drainOverdue(life: Life<unknown>): void;
}

/** Who a life is. */
export interface LifeIdentity {
  readonly id: ServableId;
  readonly incarnation: number;
}

/** Does what has been decided for one life of a version, and tells the outcome. Holds all that is not pure state. */
export class Life<S> {
  readonly id: ServableId;
  readonly incarnation: number;
  readonly history: History = new History();
  progress: Progress | undefined;
  /** When the next attempt is due, while it waits for one. */
  retryAtMs: number | undefined;
  /** The error of the last attempt. */
  lastError: ServingError | undefined;
  lease: Lease<S> | undefined;
  readonly #loader: Loader<S>;
  readonly #owner: LifeOwner;
  /** Made with the first attempt and dropped with the load, since an idle one takes a kilobyte. */
  #abort: AbortController | undefined;
  #loaded: Loaded<S> | undefined;
  /** Its place in line; another object for each time that it gets in line. */
  #place: Place | undefined;
  #needs: Needs | undefined;
  /** Why the attempt cannot succeed, known before it begins. */
  #refusal: ServingError | undefined;
  #reservation: Reservation | undefined;
  /** Whether its load runs, or what was loaded is held: it keeps its reservation. */
  #holding = false;
  /** Stops what it waits for: the next attempt, or the warning of handles that are held for too long. */
  #cancelTimer: (() => void) | undefined;

  /** @param loader undefined for a version that its source could not make */
  constructor({ id, incarnation }: LifeIdentity, loader: Loader<S> | undefined, owner: LifeOwner) {
    this.id = id;
    this.incarnation = incarnation;
    this.#loader = loader ?? NO_LOADER;
    this.#owner = owner;
  }

  get isLoadable(): boolean {
    return this.#loader !== NO_LOADER;
  }

  /** The servables that it calls. */
  get dependencies(): readonly Dependency[] {
    return this.#loader.dependencies ?? [];
  }

  /** Whether a load slot has been asked for or is held. */
  get inLine(): boolean {
    return this.#place !== undefined;
  }

  /** Whether its attempt can only fail. */
  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  /** What the loaded version takes, as far as its loader says. */
  get resources(): ResourceEstimate | undefined {
    if (this.#loaded?.resources !== undefined || this.#loaded === undefined) return this.#loaded?.resources;
    const { versions: _, ...needs } = this.#needs ?? {};
    return Object.keys(needs).length > 0 ? needs : undefined;
  }

  /** What it waits for in line beside a slot, in plain words. */
  waitsFor(ledger: ResourceLedger): string | undefined {
    if (this.#needs === undefined && this.#refusal === undefined) return "estimates what it needs";
    return this.#needs && ledger.missing(this.#needs);
  }

  /** Whether it waits for room, and not for a slot or its estimate. */
  isShortOf(ledger: ResourceLedger): boolean {
    return this.inLine && this.#needs !== undefined && !ledger.fits(this.#needs);
  }

  /** Whether it is in line and does not know yet what it needs. */
  get isEstimating(): boolean {
    return this.inLine && this.#needs === undefined;
  }

  /**
   * Waits for a slot and for room; asks the loader first how much room that is.
   * @param refusal why the attempt must fail, if that is known
   */
  enterLine(admission: Admission, refusal?: ServingError): void {
    const place: Place = {};
    this.#place = place;
    this.#refusal = refusal;
    this.#needs = undefined;
    if (refusal !== undefined || this.#loader.estimateResources === undefined) return this.#queue(place, admission);
    void askForEstimate(this.#loader, this.#context()).then(
      (needs) => {
        if (this.#place !== place) return;
        this.#queue(place, admission, needs);
        this.#owner.estimated();
      },
      (error: unknown) => {
        if (this.#place !== place) return;
        this.#refusal = this.#explain(error);
        this.#queue(place, admission);
      },
    );
  }

  #queue(place: Place, { slots, ledger }: Admission, needs?: ResourceEstimate): void {
    const impossible = needs && ledger.impossible(needs);
    if (impossible !== undefined) {
      const message = `${formatId(this.id)} ${impossible}; raise the limit, or serve a smaller model`;
      this.#refusal = new ServingError("RESOURCE_EXHAUSTED", message, { retryable: false });
    }
    // What is refused gets its turn without room, to fail like any other load.
    const room = this.#refusal === undefined ? roomFor(needs) : {};
    this.#needs = room;
    place.request = slots.request(this.id.name, {
      fits: () => ledger.fits(room),
      start: (free) => {
        place.free = free;
        this.#reservation = ledger.take(room);
        this.#owner.happened(this, { type: "load-started" });
      },
    });
  }

  leaveLine(): void {
    const place = this.#place;
    this.#place = undefined;
    place?.request?.cancel();
    if (!this.#holding) this.#reservation?.release();
    place?.free?.();
  }

  load(): void {
    this.#holding = true;
    void this.#attempt().then(
      (loaded) => {
        this.#loaded = loaded;
        if (!this.#isCancelled) this.#abort = undefined;
        if (loaded.resources !== undefined) this.#reservation?.adjust(roomFor(loaded.resources));
        this.leaveLine();
        this.#owner.happened(this, { type: "load-succeeded" });
      },
      (error: unknown) => {
        this.#holding = false;
        this.leaveLine();
        this.#owner.failed(this, this.#explain(error));
      },
    );
  }

  async #attempt(): Promise<Loaded<S>> {
    if (this.#refusal !== undefined) throw this.#refusal;
    return await askForLoad(this.#loader, this.#context());
  }

  #context(): LoadContext {
    this.#abort ??= new AbortController();
    return {
      id: this.id,
      servables: this.#owner.partsFor(this.id, this.dependencies),
      signal: this.#abort.signal,
      report: (progress) => this.#owner.progressed(this, progress),
    };
  }

  #explain(error: unknown): ServingError {
    if (this.#isCancelled) {
      return new ServingError("CANCELLED", `${formatId(this.id)}: no longer wanted while it was loading`, {
        cause: error,
      });
    }
    return ServingError.from(error, "LOAD_FAILED", formatId(this.id));
  }

  /** Tells the running load that it is not wanted any more. */
  cancel(): void {
    this.#abort ??= new AbortController();
    this.#abort.abort(new ServingError("CANCELLED", `${formatId(this.id)} is no longer wanted`));
  }

  get #isCancelled(): boolean {
    return this.#abort?.signal.aborted === true;
  }

  retryIn(delayMs: number): void {
    this.retryAtMs = this.#owner.clock.now() + delayMs;
    this.#cancelTimer = this.#owner.clock.schedule(() => this.#owner.happened(this, { type: "retry-due" }), delayMs);
  }

  stopRetrying(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.retryAtMs = undefined;
  }

  /** Makes what has been loaded ready to be borrowed. */
  offer(options: LeaseOptions): Lease<S> {
    if (this.#loaded === undefined)
      throw new ServingError("INTERNAL", `${formatId(this.id)} is offered before it is loaded`);
    this.lease = new Lease(this.id, this.#loaded.servable, options);
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

  /** Waits for the last handle; handles that are held longer than `warningMs` are told of. */
  drain(warningMs: number): void {
    if (this.lease === undefined) return;
    if (this.lease.borrowers > 0 && Number.isFinite(warningMs)) {
      this.#cancelTimer = this.#owner.clock.schedule(() => this.#owner.drainOverdue(this), warningMs);
    }
    this.lease.drain(() => {
      this.#cancelTimer?.();
      this.#owner.happened(this, { type: "drained" });
    });
  }

  /** Releases what was loaded, once a slot is free. */
  unload(slots: Slots): void {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    this.lease = undefined;
    slots.request(this.id.name, { start: (free) => void this.#release(loaded).then(free) });
  }

  async #release(loaded: Loaded<S> | undefined): Promise<void> {
    let failure: ServingError | undefined;
    try {
      await loaded?.[Symbol.asyncDispose]();
      failure = this.#isCancelled ? this.#explain(this.#abort?.signal.reason) : undefined;
    } catch (error) {
      failure = ServingError.from(error, "INTERNAL", `${formatId(this.id)}: unload failed`);
    }
    this.#holding = false;
    this.#reservation?.release();
    this.#owner.happened(this, { type: "unloaded", ...(failure && { error: failure }) });
  }
}

/** A place in line for a slot. */
interface Place {
  request?: Request;
  /** Frees the slot, once it is held. */
  free?: () => void;
}

const ROOM_FOR_ONE: Needs = { versions: 1 };

function roomFor(needs: ResourceEstimate | undefined): Needs {
  return needs === undefined ? ROOM_FOR_ONE : { ...needs, versions: 1 };
}

/** Stands behind a version that its source could not make; such a version is born failed and never loaded. */
const NO_LOADER: Loader<never> = {
  load: () => Promise.reject(new ServingError("INTERNAL", "a version without data was loaded")),
};
