import type { ModelSnapshot, SourceSnapshot } from "./snapshot.js";

/** What is missing until every source has spoken and every name has an available version; empty when ready. */
export function missingForReady(sources: readonly SourceSnapshot[], models: readonly ModelSnapshot[]): string[] {
  const missing: string[] = [];
  for (const { key, state, error } of sources) {
    if (state === "waiting") missing.push(`source "${key}" has not listed any versions yet`);
    if (state === "failed") missing.push(error?.message ?? `source "${key}" has failed`);
  }
  for (const { name, versions, notes } of models) {
    if (versions.some(({ state }) => state === "AVAILABLE")) continue;
    const reasons = versions
      .filter(({ aspired }) => aspired)
      .map(({ id, reason }) => `version ${id.version} ${reason}`);
    const why = reasons.length > 0 ? reasons : ["its source wants no version", ...notes];
    missing.push(`${name} has no available version: ${why.join("; ")}`);
  }
  return missing;
}
