import type { ModelSnapshot, SourceSnapshot, VersionSnapshot } from "./snapshot.js";

/** Tells in plain words why each version of a model is in its state, and what it waits for. */
export function explainModel(model: ModelSnapshot, source: SourceSnapshot | undefined, nowMs: number): string {
  const available = model.versions.find(({ state }) => state === "AVAILABLE");
  const head = available === undefined ? "no version is available" : `version ${available.id.version} is available`;
  return [
    `${model.name}: ${head}; its versions come from source "${model.source}"${sourceEnd(source)}`,
    ...(model.versions.length === 0 ? ["  no versions are wanted"] : []),
    ...model.versions.map((version) => `  ${explainVersion(version, nowMs)}`),
    ...Object.entries(model.labels).map(([label, version]) => `  label ${label}: version ${version}`),
    ...model.skipped.map(({ entry, reason }) => `  skipped "${entry}": ${reason}`),
    ...model.notes.map((note) => `  note: ${note}`),
  ].join("\n");
}

function explainVersion(version: VersionSnapshot, nowMs: number): string {
  const wanted = version.aspired ? "wanted" : "not wanted";
  const seconds = Math.max(0, Math.round((nowMs - version.sinceMs) / 1_000));
  return `version ${version.id.version}: ${version.state} for ${seconds} s, ${wanted}: ${version.reason}`;
}

function sourceEnd(source: SourceSnapshot | undefined): string {
  if (source?.state === "failed") return `; ${source.error?.message ?? "it has failed"}`;
  return source?.state === "completed" ? ", which has given its last list" : "";
}
