import type { Handle, Selector } from "./handle.js";
import type { Progress } from "./progress.js";
import type { ServableId } from "./servable.js";

/** What a version needs while it is loaded. */
export interface ResourceEstimate {
  /** Main memory in bytes. */
  readonly memoryBytes?: number;
  /** Memory in bytes of each further device, by name: `{ "gpu:0": 2e9 }`. */
  readonly devices?: Readonly<Record<string, number>>;
}

/** Another servable of the same manager that a version calls: a part of a composite. */
export interface Dependency extends Selector {
  readonly name: string;
}

/** The servables that a loader has named in `dependencies`, to be borrowed call by call. */
export interface Parts {
  /**
   * Borrows the servable that a declared dependency means now.
   * @throws ServingError FAILED_PRECONDITION for a dependency that the loader has not declared, NOT_AVAILABLE for one
   * that is not loaded now
   */
  acquire(dependency: Dependency): Handle<unknown>;
}

/** What the manager hands to a loader. */
export interface LoadContext {
  readonly id: ServableId;
  /** The servables named in the loader's `dependencies`. */
  readonly servables: Parts;
  /** Aborts when the version is no longer wanted; `signal.reason` says why. */
  readonly signal: AbortSignal;
  /** Tells how far the load has come; shown in events and `explain`. */
  report(progress: Progress): void;
}

/** A loaded version: the servable and the way to release it. */
export interface Loaded<S> extends AsyncDisposable {
  readonly servable: S;
  /** What it really takes, once that is known. */
  readonly resources?: ResourceEstimate;
  /** Facts for `explain`: engine, nodes fused, memory and the like. */
  describe?(): Readonly<Record<string, unknown>>;
}

/** The life cycle of one version: estimate, load; unload is the disposal of what `load` returned. */
export interface Loader<S> {
  /**
   * Other servables that this version calls. It is loaded once they are available, unloaded when one of them is not
   * any more, and closed before them; a cycle fails.
   */
  readonly dependencies?: readonly Dependency[];
  estimateResources?(context: LoadContext): ResourceEstimate | Promise<ResourceEstimate>;
  /**
   * Loads the version. May be called again after it has failed; a load that fails holds nothing. A result that comes
   * after `context.signal` aborted is disposed by the manager.
   * @throws the reason of `context.signal` when it aborts
   */
  load(context: LoadContext): Promise<Loaded<S>>;
}
