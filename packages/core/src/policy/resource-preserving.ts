import { type AspiredVersionPolicy, highestAspiredNew, lowestOf } from "./aspired-version-policy.js";

/**
 * TensorFlow Serving's other policy: old versions are unloaded before a new one is loaded, so that a swap never takes
 * the memory of two versions. Costs availability: in between, the name has no version to lend.
 */
export function resourcePreserving(): AspiredVersionPolicy {
  return (versions) => {
    const leftovers = versions.filter((view) => !view.aspired);
    const loaded = lowestOf(leftovers.filter((view) => view.phase === "available"));
    if (loaded !== undefined) return { type: "unload", incarnation: loaded.incarnation };
    // What is on its way out still holds its memory; a load that failed holds none.
    if (leftovers.some((view) => view.phase !== "failed")) return undefined;
    const next = highestAspiredNew(versions);
    return next && { type: "load", incarnation: next.incarnation };
  };
}
