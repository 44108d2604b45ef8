import { Subject } from "rxjs";
import { ServingError } from "../../errors.js";
import type { Handle } from "../../handle.js";
import type { LoadContext, Loaded, Loader } from "../../loader.js";
import type { AspiredVersions } from "../../source/source.js";
import { type ManualClock, manualClock } from "../../testing/manual-clock.js";
import { createManager } from "../create-manager.js";
import type { ManagerEvent } from "../events.js";
import type { Manager } from "../manager.js";
import type { ManagerOptions } from "../options.js";
import { type Listed, NAMES, type Name } from "./commands.js";

/** What the loaders of a schedule load. */
export interface Thing {
  readonly key: string;
  released: boolean;
}

type List = AspiredVersions<Loader<Thing>, Name>;

/** A source says of a broken version why it could not be made. */
export const BROKEN = "broken in its source";

/** Work of a loader that waits until the schedule ends it. */
export interface Gate {
  readonly key: string;
  end(error?: ServingError): void;
}

/** A manager with everything around it in the hands of a schedule, and what must hold of it at all times. */
export class World {
  readonly clock: ManualClock = manualClock();
  readonly sources: Readonly<Record<Name, Subject<List>>> = { a: new Subject(), b: new Subject(), c: new Subject() };
  readonly manager: Manager<Record<Name, Thing>>;
  readonly loads: Gate[] = [];
  readonly releases: Gate[] = [];
  readonly handles: Handle<Thing>[] = [];
  /** What has gone wrong, in words. */
  readonly faults: string[] = [];
  readonly events: ManagerEvent[] = [];
  /** Loads that succeeded, and servables released, ever. */
  readonly counts = { loaded: 0, released: 0 };
  /** What the latest list of each name wants, and which source gave it. */
  readonly wanted: Map<Name, { readonly source: Name; readonly versions: readonly Listed[] }> = new Map();
  /** What is done in the listener that hears the next event. */
  reaction: (() => void) | undefined;
  /** Names that have ever had a version that calls others. */
  readonly composites: Set<Name> = new Set();
  /** Whether gates stand open: loads succeed and releases end at once. */
  isOpen = false;
  /** What is loading or loaded: its key and memory. */
  readonly #present = new Map<object, { readonly key: string; readonly memoryBytes: number }>();
  readonly #options: ManagerOptions;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.manager = createManager(this.sources, {
      clock: this.clock,
      random: () => 0.5,
      onError: (error) => {
        if (/the policy/.test(error.message)) this.faults.push(`an error of the manager itself: ${error.message}`);
      },
      ...options,
    });
    this.manager.events$.subscribe((event) => {
      this.events.push(event);
      const { reaction } = this;
      this.reaction = undefined;
      reaction?.();
    });
  }

  /** The names that have been listed. */
  get names(): readonly Name[] {
    return NAMES.filter((name) => this.manager.model(name) !== undefined);
  }

  /** Lets a source list a name; what is not its own is refused. */
  list(source: Name, name: Name, versions: readonly Listed[]): void {
    if ((this.wanted.get(name)?.source ?? source) === source) this.wanted.set(name, { source, versions });
    if (versions.some(({ dependency }) => dependency !== undefined)) this.composites.add(name);
    this.sources[source].next({
      name,
      versions: versions.map((each) => {
        const { version, revision } = each;
        if (each.isBroken) return { version, error: new Error(BROKEN) };
        return { version, revision, data: this.#loaderOf(name, each) };
      }),
    });
  }

  hold(handle: Handle<Thing>): void {
    if (handle.servable.released) this.faults.push(`${handle.servable.key} was lent after its release`);
    if (this.isOpen) handle.release();
    else this.handles.push(handle);
  }

  #loaderOf(name: Name, { version, revision, memoryBytes, dependency, grows }: Listed): Loader<Thing> {
    const key = `${name}/${version}@${revision}`;
    const actualBytes = grows ? memoryBytes + 1 : memoryBytes;
    return {
      ...(dependency && { dependencies: [dependency] }),
      // Some answer at once and some later; a schedule meets both.
      estimateResources: () => (memoryBytes % 2 === 0 ? { memoryBytes } : Promise.resolve({ memoryBytes })),
      load: (context) => this.#load({ key, memoryBytes, actualBytes }, context),
    };
  }

  #load(what: Load, { id, signal }: LoadContext): Promise<Loaded<Thing>> {
    const token = {};
    this.#callBack(id.name);
    if ([...this.#present.values()].some(({ key }) => key === what.key))
      this.faults.push(`${what.key} is loaded twice`);
    this.#present.set(token, what);
    this.#checkLimits();
    return new Promise((resolve, reject) => {
      const gate: Gate = {
        key: what.key,
        end: (error) => {
          this.loads.splice(this.loads.indexOf(gate), 1);
          if (error === undefined) return resolve(this.#loaded(token, what));
          this.#present.delete(token);
          reject(signal.aborted ? signal.reason : error);
        },
      };
      this.loads.push(gate);
      if (this.loads.length > (this.#options.loadConcurrency ?? 2)) this.faults.push("too many loads at once");
      if (this.isOpen) gate.end();
    });
  }

  /** A loader may use the manager that it is called by. */
  #callBack(name: string): void {
    const said = this.manager.explain(name);
    if (!said.startsWith(`${name}: `)) this.faults.push(`explain in a load of ${name}: ${said}`);
    try {
      this.manager.acquire(name as Name).release();
    } catch (error) {
      if (!ServingError.is(error) || error.code !== "NOT_AVAILABLE") this.faults.push(`in a load: ${String(error)}`);
    }
  }

  #loaded(token: object, { key, actualBytes }: Load): Loaded<Thing> {
    const thing: Thing = { key, released: false };
    this.counts.loaded++;
    // The manager hears of it a little later, and may begin another load until then.
    setImmediate(() => {
      if (this.#present.has(token)) this.#present.set(token, { key, memoryBytes: actualBytes });
    });
    return {
      servable: thing,
      resources: { memoryBytes: actualBytes },
      [Symbol.asyncDispose]: () => {
        if (thing.released) this.faults.push(`${key} is released twice`);
        thing.released = true;
        this.counts.released++;
        if (this.handles.some((handle) => handle.servable === thing)) this.faults.push(`${key} is released while held`);
        return new Promise((resolve, reject) => {
          const gate: Gate = {
            key,
            end: (error) => {
              this.releases.splice(this.releases.indexOf(gate), 1);
              this.#present.delete(token);
              if (error === undefined) resolve();
              else reject(error);
            },
          };
          this.releases.push(gate);
          if (this.releases.length > (this.#options.unloadConcurrency ?? 2))
            this.faults.push("too many unloads at once");
          if (this.isOpen) gate.end();
        });
      },
    };
  }

  #checkLimits(): void {
    const present = [...this.#present.values()];
    const bytes = present.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const { limits, onDemand } = this.#options;
    if (bytes > (limits?.memoryBytes ?? Number.POSITIVE_INFINITY)) this.faults.push(`${bytes} bytes exceed the limit`);
    if (present.length > (onDemand?.maxLoaded ?? Number.POSITIVE_INFINITY)) {
      this.faults.push(`${present.length} versions exceed the limit`);
    }
  }
}

interface Load {
  readonly key: string;
  /** As its loader says. */
  readonly memoryBytes: number;
  readonly actualBytes: number;
}

/** The error that a load of a schedule fails with. */
export function loadError(retryable: boolean): ServingError {
  return new ServingError("LOAD_FAILED", "as the schedule says", { retryable });
}
