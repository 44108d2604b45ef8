import { type AspiredVersionPolicy, highestAspiredNew, lowestOf } from "./aspired-version-policy.js";

/**
 * TensorFlow Serving's default policy: a new version is loaded before the old one is unloaded, so that a name that is
 * available stays so. Costs the memory of two versions during a swap. Of several versions that are no longer aspired
 * all but one are unloaded at once; an empty list gives availability up.
 */
export function availabilityPreserving(): AspiredVersionPolicy {
  return (versions) => {
    const leftovers = versions.filter((view) => !view.aspired && view.phase === "available");
    const aspired = versions.filter((view) => view.aspired);
    const replaced = aspired.some((view) => view.phase === "available");
    const oldest = lowestOf(leftovers);
    if (oldest !== undefined && (aspired.length === 0 || replaced || leftovers.length > 1)) {
      return { type: "unload", incarnation: oldest.incarnation };
    }
    const next = highestAspiredNew(versions);
    return next && { type: "load", incarnation: next.incarnation };
  };
}
