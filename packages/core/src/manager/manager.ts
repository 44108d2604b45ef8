import type { Observable } from "rxjs";
import type { Handle, Selector } from "../handle.js";
import type { ServableId } from "../servable.js";
import type { ManagerEvent } from "./events.js";
import type { ManagerSnapshot, ModelSnapshot } from "./snapshot.js";

/** Which servable stands behind which name: `{ mnist: TfServable }`. */
export type ModelMap = object;

/** The names of a {@link ModelMap}. */
export type ModelName<M extends ModelMap> = keyof M & string;

/** Options of `whenAvailable`. */
export interface WaitOptions extends Selector {
  readonly signal?: AbortSignal;
}

/** Options of `borrow`. */
export interface BorrowOptions {
  /** Ends the wait for a load. */
  readonly signal?: AbortSignal;
}

/** Options of `close`. */
export interface CloseOptions {
  /** How long held handles and running loads are waited for. @defaultValue 30_000 */
  readonly timeoutMs?: number;
}

/**
 * The only owner of life cycles: decides by policy what to load and unload, lends handles, publishes states.
 * `M` maps each model's name to the type of its servable.
 */
export interface Manager<M extends ModelMap = Record<string, unknown>> extends AsyncDisposable {
  /** Every state change as it happens; hot, completes when the manager has closed. */
  readonly events$: Observable<ManagerEvent>;
  /** The whole picture: the present at subscription, then after every change. */
  readonly states$: Observable<ManagerSnapshot>;
  /**
   * Borrows a servable, synchronously and in constant time. Release it, or declare it with `using`.
   * @throws ServingError NOT_FOUND for a name or version that no source has asked for, NOT_AVAILABLE for one that is
   * not loaded now
   */
  acquire<N extends ModelName<M>>(name: N, selector?: Selector): Handle<M[N], N>;
  /**
   * Borrows a servable as `acquire` does, and, where the manager loads on demand, waits until it is loaded. "latest"
   * and "earliest" are then among the versions that could be loaded.
   * @throws what `acquire` throws; the error of the load; CANCELLED when `options.signal` aborts
   */
  borrow<N extends ModelName<M>>(name: N, selector?: Selector, options?: BorrowOptions): Promise<Handle<M[N], N>>;
  /**
   * Lends a servable to `work` and takes it back when `work` has settled.
   * @throws what `acquire` throws, and what `work` throws
   */
  use<N extends ModelName<M>, R>(
    name: N,
    work: (servable: M[N], id: ServableId<N>) => R | PromiseLike<R>,
    selector?: Selector,
  ): Promise<R>;
  /**
   * Resolves once the version (without one: any version of the name) is available.
   * @throws ServingError of the version if it, or every version wanted, has failed for good; CANCELLED when
   * `options.signal` aborts; NOT_AVAILABLE when the manager closes
   */
  whenAvailable<N extends ModelName<M>>(name: N, options?: WaitOptions): Promise<ServableId<N>>;
  /**
   * Points a label to a version, in one step. The version need not be loaded yet: until it is, `acquire` with the label
   * throws NOT_AVAILABLE with the reason.
   * @throws ServingError INVALID_ARGUMENT for an empty label or what is no version
   */
  setLabel(name: ModelName<M>, label: string, version: number): void;
  /** Takes a label away; what was borrowed by it stays borrowed. */
  removeLabel(name: ModelName<M>, label: string): void;
  /** The whole picture now. */
  snapshot(): ManagerSnapshot;
  /** The whole picture for logs: `JSON.stringify(manager)`. Errors keep their code, message and cause. */
  toJSON(): ManagerSnapshot;
  /** One model now; undefined for a name that no source has spoken of. */
  model(name: string): ModelSnapshot | undefined;
  /** Why each version of a name is in its state and what it waits for, in plain words. */
  explain(name: string): string;
  /**
   * Ends the sources, drains and unloads every version, completes the streams. Calling again returns the same promise.
   * @throws RangeError for a bad `timeoutMs`, at once; ServingError DEADLINE_EXCEEDED naming the held handles and stuck loads when `timeoutMs` has passed
   */
  close(options?: CloseOptions): Promise<void>;
}
