import type { ServableId } from "./servable.js";

/** A version by its number, or the highest or the lowest that is available. */
export type VersionChoice = number | "latest" | "earliest";

/** Which version of a model is meant; the latest that is available unless it says otherwise. */
export interface Selector {
  /** @defaultValue "latest" */
  readonly version?: VersionChoice;
  /** The version that a label points to; see `Manager.setLabel`. Excludes `version`. */
  readonly label?: string;
}

/** A borrowed servable. Its version stays loaded until the handle is released; releasing twice is harmless. */
export interface Handle<S, N extends string = string> extends Disposable {
  readonly id: ServableId<N>;
  readonly servable: S;
  release(): void;
}
