import type { VersionChoice } from "../handle.js";
import type { VersionEntry } from "./model-state.js";

/** The version that a choice means among those that could be loaded; undefined if there is none. */
export function eligibleVersion(entries: readonly VersionEntry[], choice: VersionChoice): number | undefined {
  const versions = entries.filter(({ aspired }) => aspired).map(({ version }) => version);
  if (typeof choice === "number") return versions.includes(choice) ? choice : undefined;
  if (versions.length === 0) return undefined;
  return choice === "latest" ? Math.max(...versions) : Math.min(...versions);
}
