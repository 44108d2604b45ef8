import type { ServableId } from "../servable.js";

/** Which version of a model is meant; without a version the latest that is available. */
export interface Selector {
  readonly version?: number;
}

/** A borrowed servable. Its version stays loaded until the handle is released; releasing twice is harmless. */
export interface Handle<S, N extends string = string> extends Disposable {
  readonly id: ServableId<N>;
  readonly servable: S;
  release(): void;
}
