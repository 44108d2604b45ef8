import type { Model } from "./model.js";
import type { ModelSnapshot, SourceSnapshot, VersionSnapshot } from "./snapshot.js";

/** What loaders say of what they have loaded, by version. */
type Facts = ReadonlyMap<number, Readonly<Record<string, unknown>>>;

/** What an explanation tells beside the snapshot. */
export interface Explanation {
  readonly source: SourceSnapshot | undefined;
  readonly nowMs: number;
  readonly facts: Facts;
}

/** What the loaders of a model say of its loaded versions. */
export function factsOf(model: Model<unknown>): Facts {
  const facts = new Map<number, Readonly<Record<string, unknown>>>();
  for (const entry of model.entries) {
    const said = model.life(entry)?.describe();
    if (said !== undefined) facts.set(entry.version, said);
  }
  return facts;
}

/** Tells in plain words why each version of a model is in its state, and what it waits for. */
export function explainModel(model: ModelSnapshot, { source, nowMs, facts }: Explanation): string {
  const available = model.versions.find(({ state }) => state === "AVAILABLE");
  const head = available === undefined ? "no version is available" : `version ${available.id.version} is available`;
  return [
    `${model.name}: ${head}; its versions come from source "${model.source}"${sourceEnd(source)}`,
    ...(model.versions.length === 0 ? ["  no versions are wanted"] : []),
    ...model.versions.flatMap((version) => [
      `  ${explainVersion(version, nowMs)}`,
      ...(version.state === "AVAILABLE" ? linesOf(facts.get(version.id.version)) : []),
    ]),
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

function linesOf(facts: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  if (facts === undefined) return [];
  const words = Object.entries(facts).map(([name, value]) => `${name} ${wordOf(value)}`);
  return [`    its loader says: ${words.join(", ")}`];
}

function wordOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}

function sourceEnd(source: SourceSnapshot | undefined): string {
  if (source?.state === "failed") return `; ${source.error?.message ?? "it has failed"}`;
  return source?.state === "completed" ? ", which has given its last list" : "";
}
