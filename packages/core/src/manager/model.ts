import type { Clock } from "../clock.js";
import { ServingError } from "../errors.js";
import type { Dependency, Loader, Parts } from "../loader.js";
import type { AspiredVersionPolicy, PolicyAction } from "../policy/aspired-version-policy.js";
import type { Progress } from "../progress.js";
import type { ServableId } from "../servable.js";
import type { AspiredVersion, AspiredVersions, SkippedEntry } from "../source/source.js";
import {
  emptyModel,
  type ModelEvent,
  type ModelState,
  reduceModel,
  type VersionEntry,
} from "../version/model-state.js";
import { isLeaving, type VersionEvent } from "../version/version-state.js";
import type { Admission } from "./admission.js";
import { announcementOf } from "./announcement.js";
import type { ManagerEvent } from "./events.js";
import type { LeaseOptions } from "./lease.js";
import { Life, type LifeOwner } from "./life.js";
import type { RetryOptions } from "./retry.js";
import { retryDelayMs } from "./retry.js";
import { ServingTable } from "./serving-table.js";
import { siftList } from "./sift-list.js";
import type { Slots } from "./slots.js";

/** What a model needs of its manager. */
export interface ModelHost {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly unloadSlots: Slots;
  /** After how long a held handle of a draining version is told of, in milliseconds. */
  readonly drainWarningMs: number;
  readonly leases: LeaseOptions;
  /** What a loader of a version with these dependencies may borrow. */
  readonly partsFor: (id: ServableId, dependencies: readonly Dependency[]) => Parts;
  /** Whether versions are loaded when they are first borrowed, and not before. */
  readonly loadsOnDemand: boolean;
  readonly retry: Required<RetryOptions>;
  readonly chance: () => number;
  readonly policy: () => AspiredVersionPolicy;
  emit(event: ManagerEvent): void;
  /** Puts work into the manager's mailbox. */
  post(work: () => void): void;
  /** Called after everything that may have changed what can be borrowed, or still may be. */
  changed(model: Model<unknown>): void;
  report(error: ServingError): void;
}

/** One name: its state, what stands behind each life of its versions, and what can be borrowed. */
export class Model<S> implements LifeOwner {
  readonly name: string;
  /** The key of the source that named it first and alone may list it. */
  readonly source: string;
  readonly serving: ServingTable<S> = new ServingTable<S>();
  skipped: readonly SkippedEntry[] = [];
  notes: readonly string[] = [];
  #state: ModelState = emptyModel;
  readonly #lives = new Map<number, Life<S>>();
  /** Lives that somebody has asked for, where loading is on demand. */
  readonly #demanded = new Set<number>();
  readonly #host: ModelHost;

  constructor(name: string, source: string, host: ModelHost) {
    this.name = name;
    this.source = source;
    this.#host = host;
  }

  get entries(): readonly VersionEntry[] {
    return this.#state.entries;
  }

  life(entry: VersionEntry): Life<S> | undefined {
    return this.#lives.get(entry.incarnation);
  }

  /** Takes a new list of the source. Bad version numbers are skipped with a reason. */
  aspire(list: AspiredVersions<Loader<S>>): void {
    const { wanted, items, skipped } = siftList(list);
    this.skipped = skipped;
    this.notes = list.notes ?? [];
    this.#apply({ type: "aspired", versions: wanted }, items);
    this.advance();
  }

  /** Asks the policy until it wants nothing, and lets waiting versions get in line. */
  advance(): void {
    for (;;) {
      const action = this.#decide();
      if (action === undefined) break;
      const before = this.#state;
      this.#happen(action.incarnation, { type: action.type === "load" ? "load-chosen" : "unload-chosen" });
      if (this.#state === before) {
        this.#host.report(
          new ServingError("INTERNAL", `${this.name}: the policy asked for a ${action.type} that is not possible now`),
        );
        break;
      }
    }
    for (const entry of this.entries) {
      if (entry.state.phase !== "waiting" || this.isBlocked(entry)) continue;
      const life = this.life(entry);
      if (life !== undefined && !life.inLine) life.enterLine(this.#host.admission);
    }
    this.#host.changed(this);
  }

  /** Asks for a version to be loaded; one that has failed is tried again. */
  demand(version: number): void {
    const entry = this.entries.findLast((each) => each.version === version && each.aspired);
    if (entry === undefined || entry.state.phase === "available") return;
    this.#demanded.add(entry.incarnation);
    if (entry.state.phase === "failed") this.#happen(entry.incarnation, { type: "revived" });
    this.advance();
  }

  /** Unloads a version that nobody holds; it stays eligible. */
  evict(incarnation: number): void {
    const entry = this.entries.find((each) => each.incarnation === incarnation);
    if (entry?.state.phase !== "available" || this.life(entry)?.lease?.borrowers !== 0) return;
    this.#demanded.delete(incarnation);
    this.#happen(incarnation, { type: "unload-chosen" });
    this.advance();
  }

  /** Whether an earlier life with the same bytes must end first, so that nothing is loaded twice at once. */
  isBlocked(entry: VersionEntry): boolean {
    return this.entries.some(
      (other) =>
        other.incarnation < entry.incarnation &&
        other.version === entry.version &&
        other.revision === entry.revision &&
        other.state.phase !== "ended" &&
        other.state.phase !== "failed",
    );
  }

  /** Whether any version is loaded, or on its way in or out. */
  get isBusy(): boolean {
    return this.entries.some(({ state }) => state.phase !== "ended" && state.phase !== "failed");
  }

  #decide(): PolicyAction | undefined {
    const views = this.entries
      .filter(({ state }) => state.phase !== "ended")
      .filter(({ state, incarnation }) => state.phase !== "new" || this.#isDue(incarnation))
      .map(({ incarnation, version, aspired, state }) => ({ incarnation, version, aspired, phase: state.phase }));
    try {
      return this.#host.policy()(views);
    } catch (error) {
      this.#host.report(ServingError.from(error, "INTERNAL", `${this.name}: the policy threw`));
      return undefined;
    }
  }

  #isDue(incarnation: number): boolean {
    return !this.#host.loadsOnDemand || this.#demanded.has(incarnation);
  }

  #happen(incarnation: number, event: VersionEvent): void {
    this.#apply({ type: "version", incarnation, event }, new Map());
  }

  #apply(event: ModelEvent, data: ReadonlyMap<number, AspiredVersion<Loader<S>>>): void {
    const before = new Map(this.entries.map((entry) => [entry.incarnation, entry]));
    this.#state = reduceModel(this.#state, event);
    for (const entry of this.entries) {
      const old = before.get(entry.incarnation);
      before.delete(entry.incarnation);
      if (old?.state !== entry.state) this.#enter(entry, data.get(entry.version));
    }
    for (const incarnation of before.keys()) this.#lives.delete(incarnation);
  }

  /** Does what the entered phase asks for, and publishes it: what ends is told before, what begins after. */
  #enter(entry: VersionEntry, item: AspiredVersion<Loader<S>> | undefined): void {
    const life = this.life(entry) ?? this.#bear(entry, item);
    const { state } = entry;
    const atMs = this.#host.clock.now();
    const durationMs = atMs - life.sinceMs;
    life.sinceMs = atMs;
    life.remember({ phase: state.phase, atMs, ...("error" in state && state.error && { error: state.error }) });
    if (state.phase !== "draining") this.#act(entry, life);
    const event = announcementOf(entry, life, { atMs, durationMs, unloadReason: this.#unloadReason(entry) });
    if (event !== undefined) this.#host.emit(event);
    if (state.phase === "draining") this.#act(entry, life);
  }

  #act(entry: VersionEntry, life: Life<S>): void {
    const { state } = entry;
    switch (state.phase) {
      case "new":
        return;
      case "waiting":
        return life.stopRetrying();
      case "loading":
        return life.load();
      case "retrying":
        life.lastError = state.error;
        return life.retryIn(retryDelayMs(this.#host.retry, state.attempt, this.#host.chance()));
      case "cancelling":
        return life.cancel();
      case "available":
        return this.serving.add(life.offer(this.#host.leases));
      case "draining":
        if (life.lease !== undefined) this.serving.remove(life.lease);
        return life.drain(this.#host.drainWarningMs);
      case "unloading":
        return life.unload(this.#host.unloadSlots);
      case "failed":
      case "ended":
        life.stopRetrying();
        life.leaveLine();
        life.lastError = state.error;
        if (state.phase === "ended" && entry.aspired && this.#host.loadsOnDemand) this.#revive(entry.incarnation);
    }
  }

  #unloadReason(entry: VersionEntry): string {
    if (!entry.aspired) return "no longer wanted";
    return this.#host.loadsOnDemand ? "not in use" : "the policy";
  }

  /** What was unloaded and is still wanted may be asked for again. */
  #revive(incarnation: number): void {
    this.#host.post(() => {
      this.#happen(incarnation, { type: "revived" });
      this.advance();
    });
  }

  #bear({ incarnation, version }: VersionEntry, item: AspiredVersion<Loader<S>> | undefined): Life<S> {
    const loader = item !== undefined && "data" in item ? item.data : NO_LOADER;
    const life = new Life<S>({ id: { name: this.name, version }, incarnation }, loader, this);
    this.#lives.set(incarnation, life);
    return life;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  partsFor(id: ServableId, dependencies: readonly Dependency[]): Parts {
    return this.#host.partsFor(id, dependencies);
  }

  happened({ incarnation }: Life<unknown>, event: VersionEvent): void {
    this.#host.post(() => {
      this.#happen(incarnation, event);
      this.advance();
    });
  }

  failed(life: Life<unknown>, error: ServingError): void {
    const state = this.#entryOf(life)?.state;
    const retry = state?.phase === "loading" && error.retryable && state.attempt <= this.#host.retry.attempts;
    this.happened(life, { type: "load-failed", error, retry });
  }

  progressed(life: Life<unknown>, progress: Progress): void {
    this.#host.post(() => {
      if (this.#entryOf(life)?.state.phase !== "loading") return;
      life.progress = progress;
      this.#host.emit({ type: "load-progressed", id: life.id, progress, atMs: this.clock.now() });
    });
  }

  estimated(): void {
    this.#host.post(() => this.#host.changed(this));
  }

  drainOverdue({ id, lease }: Life<unknown>): void {
    this.#host.post(() => {
      const { borrowers: handles = 0, takenAt = [] } = lease ?? {};
      if (handles > 0) this.#host.emit({ type: "drain-overdue", id, atMs: this.clock.now(), handles, takenAt });
    });
  }

  #entryOf({ incarnation }: Life<unknown>): VersionEntry | undefined {
    return this.entries.find((entry) => entry.incarnation === incarnation);
  }
}

/** Stands behind a version that its source could not make; such a version is born failed and never loaded. */
const NO_LOADER: Loader<never> = {
  load: () => Promise.reject(new ServingError("INTERNAL", "a version without data was loaded")),
};

/** Whether `entry` can still become available without a new list. */
export function isHopeful(entry: VersionEntry): boolean {
  return entry.aspired && entry.state.phase !== "failed" && !isLeaving(entry.state.phase);
}
