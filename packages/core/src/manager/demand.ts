import type { Clock } from "../clock.js";
import { ServingError } from "../errors.js";
import { formatId } from "../servable.js";
import type { VersionPhase } from "../version/version-state.js";
import type { Composition } from "./composition.js";
import type { Model } from "./model.js";
import { requireAtLeast } from "./require-at-least.js";
import type { ResourceLedger } from "./resource-ledger.js";

/** Options of loading on demand. */
export interface OnDemandOptions {
  /** Versions that may be loaded at once over all names. @defaultValue no limit but `limits` */
  readonly maxLoaded?: number;
  /** Versions that nobody has held for this long are unloaded. @defaultValue never */
  readonly idleMs?: number;
}

/** {@link OnDemandOptions} with every default filled in. */
export type ResolvedOnDemand = Required<OnDemandOptions>;

/** @throws RangeError for a value out of its range */
export function resolveOnDemand(options: OnDemandOptions): ResolvedOnDemand {
  const { maxLoaded = Number.POSITIVE_INFINITY, idleMs = Number.POSITIVE_INFINITY } = options;
  requireAtLeast(1, { "onDemand.maxLoaded": maxLoaded });
  requireAtLeast(0, { "onDemand.idleMs": idleMs });
  return { maxLoaded, idleMs };
}

/** What the eviction of a manager that loads on demand looks at. */
export interface EvictionWorld {
  readonly models: ReadonlyMap<string, Model<unknown>>;
  readonly composition: Composition;
  readonly ledger: ResourceLedger;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly post: (work: () => void) => void;
}

/** Unloads what nobody uses: the longest unused to make room, and all that is idle for too long. */
export interface Eviction {
  /** Called after every change. */
  look(): void;
  /** Called when the last handle of a version has come back, which is no change that others see. */
  handleReturned(): void;
  stop(): void;
}

export function createEviction({ models, composition, ledger, clock, idleMs, post }: EvictionWorld): Eviction {
  let cancelTimer: (() => void) | undefined;
  /** Whether a load waited for room at the last look. */
  let isRoomWanted = false;

  /** Longest first. */
  const candidates = (find: (model: Model<unknown>) => Candidate[]): Candidate[] =>
    [...models.values()].flatMap(find).sort((a, b) => a.sinceMs - b.sinceMs);
  const idleVersions = (): Candidate[] => candidates((model) => idleIn(model, composition));

  const makeRoom = (): void => {
    const short = candidates((model) => shortIn(model, ledger));
    const last = short.at(-1);
    isRoomWanted = last !== undefined;
    // What is being released makes room already.
    if (last === undefined || [...models.values()].some(isReleasing)) return;
    const [longest] = idleVersions();
    if (longest !== undefined) post(() => longest.model.evict(longest.incarnation));
    else if (![...models.values()].some(isInMotion))
      post(() => last.model.giveUp(last.incarnation, deadlock(last, short.length > 1)));
  };

  const endIdle = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!Number.isFinite(idleMs)) return;
    const now = clock.now();
    const idle = idleVersions();
    for (const { model, incarnation, sinceMs } of idle) {
      if (now - sinceMs >= idleMs) post(() => model.evict(incarnation));
    }
    const next = idle.find(({ sinceMs }) => now - sinceMs < idleMs);
    if (next !== undefined) cancelTimer = clock.schedule(endIdle, next.sinceMs + idleMs - now);
  };

  return {
    look() {
      makeRoom();
      endIdle();
    },
    handleReturned() {
      if (isRoomWanted) makeRoom();
      if (Number.isFinite(idleMs)) cancelTimer ??= clock.schedule(endIdle, idleMs);
    },
    stop: () => cancelTimer?.(),
  };
}

/** A version that is idle, or that waits for room. */
interface Candidate {
  readonly model: Model<unknown>;
  readonly incarnation: number;
  readonly version: number;
  /** Since when. */
  readonly sinceMs: number;
}

/** Versions that nobody holds or calls, with the time since when. */
function idleIn(model: Model<unknown>, composition: Composition): Candidate[] {
  return model.entries.flatMap((entry) => {
    if (composition.isAwaited(model, entry)) return [];
    const sinceMs = entry.state.phase === "available" ? model.life(entry)?.lease?.idleSinceMs : undefined;
    return sinceMs === undefined ? [] : [{ ...entry, model, sinceMs }];
  });
}

/** Versions whose load waits for room. */
function shortIn(model: Model<unknown>, ledger: ResourceLedger): Candidate[] {
  return model.entries.flatMap((entry) => {
    const life = entry.state.phase === "waiting" ? model.life(entry) : undefined;
    return life?.isShortOf(ledger) === true ? [{ ...entry, model, sinceMs: life.history.sinceMs ?? 0 }] : [];
  });
}

function isReleasing({ entries }: Model<unknown>): boolean {
  return entries.some(({ state }) => state.phase === "unloading");
}

/** Whether anything goes on in a model that may make room, or need less of it. */
function isInMotion(model: Model<unknown>): boolean {
  return model.entries.some((entry) => {
    const life = model.life(entry);
    if (entry.state.phase === "available") return life?.lease?.idleSinceMs === undefined;
    return entry.state.phase === "waiting" ? life?.isEstimating : !AT_REST.has(entry.state.phase);
  });
}

const AT_REST: ReadonlySet<VersionPhase> = new Set(["new", "failed", "ended"]);

/** Of versions that wait for each other's parts to make room the last gives way, so that the others get on. */
function deadlock({ model, version }: Candidate, retryable: boolean): ServingError {
  const id = formatId({ name: model.name, version });
  return new ServingError(
    "RESOURCE_EXHAUSTED",
    `${id} gets no room: all that is loaded is called by others that wait; raise limits or maxLoaded`,
    { retryable },
  );
}
