import { backOffMs } from "../back-off.js";
import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import type { PolicyAction } from "../policy/aspired-version-policy.js";
import type { AspiredVersions, SkippedEntry } from "../source/source.js";
import {
  emptyModel,
  forgetEnded,
  type ModelEvent,
  type ModelState,
  reduceModel,
  type VersionEntry,
} from "../version/model-state.js";
import type { VersionEvent, VersionPhase } from "../version/version-state.js";
import { announcementOf } from "./announcement.js";
import { Life } from "./life.js";
import { LifeReports } from "./life-reports.js";
import type { ModelHost } from "./model-host.js";
import { describeDependency } from "./parts.js";
import { ServingTable } from "./serving-table.js";
import { siftList } from "./sift-list.js";

/** One name: its state, what stands behind each life of its versions, and what can be borrowed. */
export class Model<S> {
  readonly name: string;
  /** The key of the source that named it first and alone may list it. */
  readonly source: string;
  readonly serving: ServingTable<S> = new ServingTable<S>();
  skipped: readonly SkippedEntry[] = NOTHING;
  notes: readonly string[] = NOTHING;
  #state: ModelState = emptyModel;
  #lives: readonly Life<S>[] = [];
  /** Versions that somebody has asked for, where loading is on demand; what replaces one takes its place. */
  #demanded: ReadonlySet<number> = NONE;
  /** Lives that are to be unloaded and wait for those that call them. */
  #leaving: ReadonlySet<number> = NONE;
  readonly #host: ModelHost;
  readonly #reports: LifeReports;

  constructor(name: string, source: string, host: ModelHost) {
    this.name = name;
    this.source = source;
    this.#host = host;
    this.#reports = new LifeReports(this, host);
  }

  get entries(): readonly VersionEntry[] {
    return this.#state.entries;
  }

  /** Undefined for a life that is forgotten. */
  entry(incarnation: number): VersionEntry | undefined {
    return this.entries.find((each) => each.incarnation === incarnation);
  }

  life(entry: VersionEntry): Life<S> | undefined {
    return this.#lives.find(({ incarnation }) => incarnation === entry.incarnation);
  }

  /** Takes a new list of the source. Bad version numbers are skipped with a reason. */
  aspire(list: AspiredVersions<Loader<S>>): void {
    const { wanted, loaders, skipped } = siftList(list);
    this.skipped = skipped.length > 0 ? skipped : NOTHING;
    this.notes = list.notes ?? NOTHING;
    this.#keepDemand((version) => loaders.has(version));
    this.#apply({ type: "aspired", versions: wanted }, loaders);
    this.advance();
  }

  /** Asks the policy until it wants nothing, and lets waiting versions get in line. */
  advance(): void {
    const wasLeaving = this.#leaving;
    this.#leaving = NONE;
    for (;;) {
      const action = this.#decide();
      if (action === undefined) break;
      const isAgain = this.#leaving.has(action.incarnation);
      if (action.type === "unload" && !isAgain && this.#mustStay(action.incarnation)) continue;
      const before = this.#state;
      if (!isAgain) this.happen(action.incarnation, { type: action.type === "load" ? "load-chosen" : "unload-chosen" });
      if (this.#state === before) {
        this.#host.report(
          new ServingError("INTERNAL", `${this.name}: the policy wants to ${action.type} what cannot be now`),
        );
        break;
      }
    }
    for (const entry of this.entries) this.#lookAtParts(entry);
    if (!isSame(this.#leaving, wasLeaving)) this.#host.composition.changed(this);
    this.#host.changed(this);
  }

  /** Whether a version is to be unloaded as soon as those that call it have ended. */
  isLeaving({ incarnation }: VersionEntry): boolean {
    return this.#leaving.has(incarnation);
  }

  /** Whether others call a version that is to be unloaded; they are ended first, and the policy is told that it goes. */
  #mustStay(incarnation: number): boolean {
    const entry = this.entry(incarnation);
    if (entry === undefined || this.#host.composition.callersOf(this, entry).length === 0) return false;
    this.#leaving = new Set(this.#leaving).add(incarnation);
    return true;
  }

  /** Lets a version get in line once its parts are there, and ends it when one of them is gone. */
  #lookAtParts(entry: VersionEntry): void {
    const { incarnation, state } = entry;
    const life = this.life(entry);
    if (life === undefined) return;
    const { composition, admission } = this.#host;
    const isComplete = composition.missing(life.dependencies).length === 0;
    if (state.phase === "waiting" && life.inLine) {
      if (!isComplete && !life.isRefused) life.leaveLine();
    } else if (state.phase === "waiting" && !this.isBlocked(entry)) {
      const refusal = composition.refusal(this.name, life.dependencies);
      if (isComplete || refusal !== undefined) life.enterLine(admission, refusal);
      // Also those that have gone, or were listed anew, since it was asked for.
      else composition.demand(life.dependencies);
    } else if (!isComplete && state.phase === "loading" && !life.isRefused)
      this.happen(incarnation, { type: "no-longer-wanted" });
    else if (!isComplete && state.phase === "available" && !this.#mustStay(incarnation)) {
      this.happen(incarnation, { type: "unload-chosen" });
    }
  }

  /** Asks for a version to be loaded; one that has failed is tried again. */
  demand(version: number): void {
    const entry = this.entries.findLast((each) => each.version === version && each.aspired);
    if (entry === undefined || entry.state.phase === "available" || this.life(entry)?.isLoadable === false) return;
    if (entry.state.phase !== "failed" && this.#demanded.has(version)) return;
    this.#demanded = new Set(this.#demanded).add(version);
    if (entry.state.phase === "failed") this.happen(entry.incarnation, { type: "revived" });
    this.#host.composition.demand(this.life(entry)?.dependencies ?? []);
    this.advance();
  }

  /** Fails the attempt of a version that waits for what it will not get. */
  giveUp(incarnation: number, error: ServingError): void {
    const entry = this.entry(incarnation);
    if (entry?.state.phase !== "waiting") return;
    this.life(entry)?.leaveLine();
    this.life(entry)?.enterLine(this.#host.admission, error);
  }

  /** Unloads a version that nobody holds; it stays eligible. */
  evict(incarnation: number): void {
    const entry = this.entry(incarnation);
    if (entry?.state.phase !== "available" || this.life(entry)?.lease?.borrowers !== 0) return;
    if (this.#host.composition.isAwaited(this, entry)) return;
    if (entry.aspired) this.#keepDemand((version) => version !== entry.version);
    this.happen(incarnation, { type: "unload-chosen" });
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

  #keepDemand(isKept: (version: number) => boolean): void {
    if (this.#demanded.size > 0) this.#demanded = new Set([...this.#demanded].filter(isKept));
  }

  #decide(): PolicyAction | undefined {
    const views = this.entries
      .filter(({ state }) => state.phase !== "ended")
      .filter(({ state, version }) => state.phase !== "new" || this.#isDue(version))
      .map((entry) => {
        const { incarnation, version, aspired, state } = entry;
        return { incarnation, version, aspired, phase: this.isLeaving(entry) ? ("draining" as const) : state.phase };
      });
    try {
      return this.#host.policy()(views);
    } catch (error) {
      this.#host.report(ServingError.from(error, "INTERNAL", `${this.name}: the policy threw`));
      return undefined;
    }
  }

  #isDue(version: number): boolean {
    return !this.#host.loadsOnDemand || this.#demanded.has(version);
  }

  /** Takes what has happened to a version. */
  happen(incarnation: number, event: VersionEvent): void {
    this.#apply({ type: "version", incarnation, event }, new Map());
  }

  #apply(event: ModelEvent, loaders: ReadonlyMap<number, Loader<S>>): void {
    const before = new Map(this.entries.map((entry) => [entry.incarnation, entry.state]));
    this.#state = reduceModel(this.#state, event);
    for (const entry of this.entries) {
      const old = before.get(entry.incarnation);
      if (old === entry.state) continue;
      const life = this.life(entry) ?? this.#bear(entry, loaders.get(entry.version));
      this.#enter(entry, life, old?.phase);
    }
    this.#state = forgetEnded(this.#state);
    if (this.#lives.length === this.entries.length) return;
    const living = new Set(this.entries.map(({ incarnation }) => incarnation));
    this.#lives = this.#lives.filter(({ incarnation }) => living.has(incarnation));
  }

  /** Does what the entered phase asks for, and publishes it: what ends is told before, what begins after. */
  #enter(entry: VersionEntry, life: Life<S>, from: VersionPhase | undefined): void {
    const { state } = entry;
    const atMs = this.#host.clock.now();
    const durationMs = atMs - (life.history.sinceMs ?? atMs);
    life.history.add(state, atMs);
    if (state.phase !== "draining") this.#act(entry, life);
    const event = announcementOf(entry, life, { atMs, durationMs, unloadReason: this.#unloadReason(entry) });
    // What has failed has been told of as ended.
    const isKnown = from === "failed" && state.phase === "ended";
    if (event !== undefined && !isKnown) this.#host.emit(event);
    if (state.phase === "draining") this.#act(entry, life);
    if (AVAILABILITY_CHANGES.has(state.phase)) this.#host.composition.changed(this);
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
        return life.retryIn(backOffMs(this.#host.retry, state.attempt, this.#host.chance()));
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
        if (state.phase === "failed") this.#keepDemand((version) => version !== entry.version);
        life.stopRetrying();
        life.leaveLine();
        life.lastError = state.error;
        if (state.phase === "ended" && entry.aspired && this.#comesBack(life)) this.#revive(entry.incarnation);
    }
  }

  /** Whether what was unloaded while it is wanted may be loaded again. */
  #comesBack(life: Life<S>): boolean {
    return this.#host.loadsOnDemand || life.dependencies.length > 0;
  }

  #unloadReason(entry: VersionEntry): string {
    if (!entry.aspired) return "no longer wanted";
    const [missing] = this.#host.composition.missing(this.life(entry)?.dependencies ?? []);
    if (missing !== undefined) return `${describeDependency(missing)}, which it calls, is not available`;
    return this.#host.loadsOnDemand ? "not in use" : "the policy";
  }

  /** What was unloaded and is still wanted may be asked for again. */
  #revive(incarnation: number): void {
    this.#host.post(() => {
      this.happen(incarnation, { type: "revived" });
      this.advance();
    });
  }

  #bear({ incarnation, version }: VersionEntry, loader: Loader<S> | undefined): Life<S> {
    const life = new Life<S>({ id: { name: this.name, version }, incarnation }, loader, this.#reports);
    this.#lives = this.#lives.concat(life);
    return life;
  }
}

const NONE: ReadonlySet<number> = new Set();
const NOTHING: readonly never[] = [];

function isSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a === b || (a.size === b.size && [...a].every((each) => b.has(each)));
}

/** Phases whose entering matters to those that call a version, or that it calls. */
const AVAILABILITY_CHANGES: ReadonlySet<VersionPhase> = new Set(["available", "draining", "failed", "ended"]);
