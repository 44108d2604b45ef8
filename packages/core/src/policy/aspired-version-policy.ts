import type { VersionPhase } from "../version/version-state.js";

/** What a policy sees of one version of the name it decides for. */
export interface VersionView {
  /** Names the life of the version that an action is for. */
  readonly incarnation: number;
  readonly version: number;
  readonly aspired: boolean;
  readonly phase: VersionPhase;
}

/** One thing to do: load a version that is `new`, or unload one that is `available`. */
export interface PolicyAction {
  readonly type: "load" | "unload";
  readonly incarnation: number;
}

/**
 * Decides what to do next for one name. Must be pure and stateless: it is asked after every change, and again after
 * each of its actions has begun, until it wants nothing. Sees every life that has not ended.
 */
export type AspiredVersionPolicy = (versions: readonly VersionView[]) => PolicyAction | undefined;

/** The highest aspired version that is `new`: what TensorFlow Serving's policies load next. */
export function highestAspiredNew(versions: readonly VersionView[]): VersionView | undefined {
  let highest: VersionView | undefined;
  for (const view of versions) {
    if (!view.aspired || view.phase !== "new") continue;
    if (highest === undefined || view.version > highest.version) highest = view;
  }
  return highest;
}

/** The lowest version; of two lives of one version the older. */
export function lowestOf(views: readonly VersionView[]): VersionView | undefined {
  return views.reduce<VersionView | undefined>(
    (least, view) =>
      least === undefined ||
      view.version < least.version ||
      (view.version === least.version && view.incarnation < least.incarnation)
        ? view
        : least,
    undefined,
  );
}
