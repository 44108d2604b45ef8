import type { Clock } from "../clock.js";
import type { VersionChoice } from "../handle.js";
import type { Composition } from "./composition.js";
import type { Model } from "./model.js";
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
  if (!(maxLoaded >= 1)) throw new RangeError(`onDemand.maxLoaded must be at least 1, got ${maxLoaded}`);
  if (!(idleMs >= 0)) throw new RangeError(`onDemand.idleMs must not be negative, got ${idleMs}`);
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

  const idleVersions = (): Idle[] =>
    [...models.values()].flatMap((model) => idleIn(model, composition)).sort((a, b) => a.sinceMs - b.sinceMs);

  const makeRoom = (): void => {
    const all = [...models.values()];
    isRoomWanted = all.some((model) => isShort(model, ledger));
    // What is on its way out makes room already.
    if (!isRoomWanted || all.some(isLeavingRoom)) return;
    const [longest] = idleVersions();
    if (longest !== undefined) post(() => longest.model.evict(longest.incarnation));
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

interface Idle {
  readonly model: Model<unknown>;
  readonly incarnation: number;
  readonly sinceMs: number;
}

/** Versions that nobody holds or calls, with the time since when. */
function idleIn(model: Model<unknown>, composition: Composition): Idle[] {
  return model.entries.flatMap((entry) => {
    if (composition.isAwaited(model, entry)) return [];
    const sinceMs = entry.state.phase === "available" ? model.life(entry)?.lease?.idleSinceMs : undefined;
    return sinceMs === undefined ? [] : [{ model, incarnation: entry.incarnation, sinceMs }];
  });
}

/** Whether a load waits for room. */
function isShort(model: Model<unknown>, ledger: ResourceLedger): boolean {
  return model.entries.some(
    (entry) => entry.state.phase === "waiting" && model.life(entry)?.isShortOf(ledger) === true,
  );
}

/** Whether a version is on its way out. */
function isLeavingRoom(model: Model<unknown>): boolean {
  return model.entries.some(({ state }) => state.phase === "draining" || state.phase === "unloading");
}

/** The version that a choice means among those that could be loaded; undefined if there is none. */
export function eligibleVersion(model: Model<unknown>, choice: VersionChoice): number | undefined {
  const versions = model.entries.filter(({ aspired }) => aspired).map(({ version }) => version);
  if (typeof choice === "number") return versions.includes(choice) ? choice : undefined;
  if (versions.length === 0) return undefined;
  return choice === "latest" ? Math.max(...versions) : Math.min(...versions);
}
