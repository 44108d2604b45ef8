import { ServingError } from "../errors.js";
import type { VersionChoice } from "../handle.js";
import type { Dependency } from "../loader.js";
import { eligibleVersion } from "../version/eligible-version.js";
import { failureOf, type VersionEntry } from "../version/model-state.js";
import type { VersionPhase } from "../version/version-state.js";
import type { Labels } from "./labels.js";
import type { Model } from "./model.js";
import { describeDependency } from "./parts.js";

/** What a composition looks at. */
export interface CompositionWorld {
  readonly models: ReadonlyMap<string, Model<unknown>>;
  readonly labels: Labels;
  readonly loadsOnDemand: boolean;
  readonly post: (work: () => void) => void;
}

/** Which models call which: what composites wait for, and what waits for composites. */
export class Composition {
  readonly #world: CompositionWorld;
  readonly #callers = new Map<string, Set<Model<unknown>>>();
  readonly #parts = new Map<Model<unknown>, ReadonlySet<string>>();

  constructor(world: CompositionWorld) {
    this.#world = world;
  }

  /** Notes whom the versions of a model call, as of its present list. */
  note(model: Model<unknown>): void {
    const dependencies = model.entries.flatMap((entry) => dependenciesOf(model, entry));
    const parts = new Set(dependencies.map(({ name }) => name));
    for (const name of this.#parts.get(model) ?? []) if (!parts.has(name)) this.#callers.get(name)?.delete(model);
    for (const name of parts) this.#callers.set(name, (this.#callers.get(name) ?? new Set()).add(model));
    if (parts.size > 0) this.#parts.set(model, parts);
    else this.#parts.delete(model);
  }

  /** Lets those that a model calls, and those that call it, look at what has changed. */
  changed(model: Model<unknown>): void {
    for (const caller of this.#callers.get(model.name) ?? []) this.#world.post(() => caller.advance());
    for (const name of this.#parts.get(model) ?? []) this.#world.post(() => this.#world.models.get(name)?.advance());
  }

  /** Those of `dependencies` that no version serves, or none that stays. */
  missing(dependencies: readonly Dependency[]): readonly Dependency[] {
    return dependencies.filter((dependency) => {
      const choice = this.#choiceOf(dependency);
      const part = this.#world.models.get(dependency.name);
      return choice === undefined || part === undefined || !part.entries.some((entry) => serves(part, entry, choice));
    });
  }

  /** Why a version with `dependencies` cannot be loaded at all; undefined if it only has to wait. */
  refusal(name: string, dependencies: readonly Dependency[]): ServingError | undefined {
    const cycle = this.#cycle(name, dependencies, [name]);
    if (cycle !== undefined) {
      const message = `${name} would call itself: ${cycle.join(" calls ")}; take one of these calls away`;
      return new ServingError("FAILED_PRECONDITION", message, { retryable: false });
    }
    // Loaded on demand, it is asked for again; until then nobody should wait for what has failed.
    return this.#world.loadsOnDemand ? this.#failedPart(name, dependencies) : undefined;
  }

  /** Asks for the versions that `dependencies` mean, where loading is on demand. */
  demand(dependencies: readonly Dependency[]): void {
    if (!this.#world.loadsOnDemand) return;
    for (const dependency of dependencies) {
      const part = this.#world.models.get(dependency.name);
      const version = part && this.#eligible(part, dependency);
      if (version !== undefined) part?.demand(version);
    }
  }

  /** The models with a version that is loaded, or comes or goes, and that only `entry` of `part` serves. */
  callersOf(part: Model<unknown>, entry: VersionEntry): readonly string[] {
    return this.#callersIn(HOLDING, part, entry);
  }

  /** Whether a model is loaded, or waits to be, that only `entry` of `part` serves. */
  isAwaited(part: Model<unknown>, entry: VersionEntry): boolean {
    return this.#callersIn(HOLDING_OR_WAITING, part, entry).length > 0;
  }

  #callersIn(phases: ReadonlySet<VersionPhase>, part: Model<unknown>, entry: VersionEntry): readonly string[] {
    const isNeeded = (dependency: Dependency): boolean => {
      const choice = this.#choiceOf(dependency);
      if (dependency.name !== part.name || choice === undefined) return false;
      if (typeof choice === "number" && choice !== entry.version) return false;
      return !part.entries.some((other) => other !== entry && serves(part, other, choice));
    };
    const callers = [...(this.#callers.get(part.name) ?? [])].filter((caller) =>
      caller.entries.some((each) => phases.has(each.state.phase) && dependenciesOf(caller, each).some(isNeeded)),
    );
    return callers.map(({ name }) => name);
  }

  #choiceOf(dependency: Dependency): VersionChoice | undefined {
    return this.#world.labels.resolve(dependency.name, dependency);
  }

  #eligible(part: Model<unknown>, dependency: Dependency): number | undefined {
    const choice = this.#choiceOf(dependency);
    return choice === undefined ? undefined : eligibleVersion(part.entries, choice);
  }

  #cycle(name: string, dependencies: readonly Dependency[], path: readonly string[]): readonly string[] | undefined {
    for (const dependency of dependencies) {
      if (dependency.name === name) return [...path, name];
      const part = this.#world.models.get(dependency.name);
      if (part === undefined || path.includes(part.name)) continue;
      const wanted = part.entries.filter((entry) => entry.aspired && part.life(entry)?.isRefused === false);
      const next = wanted.flatMap((entry) => dependenciesOf(part, entry));
      const cycle = this.#cycle(name, next, [...path, part.name]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }

  #failedPart(name: string, dependencies: readonly Dependency[]): ServingError | undefined {
    for (const dependency of dependencies) {
      const part = this.#world.models.get(dependency.name);
      const version = part && this.#eligible(part, dependency);
      const entry = part?.entries.findLast((each) => each.aspired && each.version === version);
      const cause = entry && failureOf(entry);
      if (cause === undefined) continue;
      const message = `${name} calls ${describeDependency(dependency)}, which cannot be loaded: ${cause.message}`;
      return new ServingError(cause.code, message, { cause, retryable: false });
    }
    return undefined;
  }
}

/** Phases in which a version may call its parts, or holds what it has made of them. */
const HOLDING: ReadonlySet<VersionPhase> = new Set(["loading", "cancelling", "available", "draining", "unloading"]);

const HOLDING_OR_WAITING: ReadonlySet<VersionPhase> = new Set([...HOLDING, "waiting"]);

function serves(part: Model<unknown>, entry: VersionEntry, choice: VersionChoice): boolean {
  if (entry.state.phase !== "available" || part.isLeaving(entry)) return false;
  return typeof choice !== "number" || choice === entry.version;
}

function dependenciesOf(model: Model<unknown>, entry: VersionEntry): readonly Dependency[] {
  return model.life(entry)?.dependencies ?? [];
}
