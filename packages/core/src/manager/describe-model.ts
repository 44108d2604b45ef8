import type { VersionEntry } from "../version/model-state.js";
import { publicStateOf } from "../version/version-state.js";
import type { Composition } from "./composition.js";
import { handles } from "./lease.js";
import type { Life } from "./life.js";
import type { Model } from "./model.js";
import { describeDependency } from "./parts.js";
import type { ResourceLedger } from "./resource-ledger.js";
import type { ModelSnapshot, VersionSnapshot } from "./snapshot.js";

/** What the manager decides for all models, as the reasons tell it. */
export interface ReasonContext {
  readonly nowMs: number;
  /** Attempts at a load in all, the first included. */
  readonly attempts: number;
  readonly loadConcurrency: number;
  readonly ledger: ResourceLedger;
  readonly loadsOnDemand: boolean;
  readonly composition: Composition;
  readonly labels: Readonly<Record<string, number>>;
}

/** A model as it stands, with the reason of every state in plain words. */
export function describeModel(model: Model<unknown>, context: ReasonContext): ModelSnapshot {
  const versions = model.entries.map((entry) => describeVersion(model, entry, context));
  return {
    name: model.name,
    source: model.source,
    versions: versions.sort((a, b) => b.id.version - a.id.version),
    labels: context.labels,
    skipped: model.skipped,
    notes: model.notes,
  };
}

function describeVersion(model: Model<unknown>, entry: VersionEntry, context: ReasonContext): VersionSnapshot {
  const life = model.life(entry);
  const error = "error" in entry.state ? entry.state.error : life?.lastError;
  return {
    id: { name: model.name, version: entry.version },
    state: publicStateOf(entry.state.phase),
    reason: reasonOf(model, entry, context),
    aspired: entry.aspired,
    sinceMs: life?.history.sinceMs ?? context.nowMs,
    history: life?.history.entries ?? [],
    ...(entry.revision !== undefined && life?.isLoadable === true && { revision: entry.revision }),
    ...(error !== undefined && { error }),
    ...(life?.resources !== undefined && { resources: life.resources }),
    ...(entry.state.phase === "loading" && life?.progress !== undefined && { progress: life.progress }),
  };
}

function reasonOf(model: Model<unknown>, entry: VersionEntry, context: ReasonContext): string {
  const { state } = entry;
  const life = model.life(entry);
  const missing = context.composition
    .missing(life?.dependencies ?? [])
    .map(describeDependency)
    .join(", ");
  switch (state.phase) {
    case "new":
      return context.loadsOnDemand ? "is loaded when it is first borrowed" : "waits for the policy to choose it";
    case "waiting":
      if (model.isBlocked(entry)) return "waits until its previous load has ended";
      if (missing.length > 0) return `waits for ${missing}, which it calls`;
      return `${life?.waitsFor(context.ledger) ?? `waits for one of ${context.loadConcurrency} load slots`}${failureBefore(life)}`;
    case "loading":
      return `loads, attempt ${state.attempt} of ${context.attempts}${progressOf(life)}${failureBefore(life)}`;
    case "retrying": {
      const inMs = Math.max(0, (life?.retryAtMs ?? context.nowMs) - context.nowMs);
      return `attempt ${state.attempt} of ${context.attempts} failed, the next is due in ${inMs} ms: ${state.error.message}`;
    }
    case "cancelling":
      return `${missing.length > 0 ? `${missing}, which it calls, is gone` : "no longer wanted"}; waits for its load to stop`;
    case "available":
      if (model.isLeaving(entry)) {
        const callers = context.composition.callersOf(model, entry).join(", ");
        return `no longer wanted; serves until ${callers}, which calls it, has ended`;
      }
      return entry.aspired ? "serves" : "no longer wanted; serves until a wanted version is available";
    case "draining":
      return `no longer serves; waits for ${handles(life?.lease)} to be released`;
    case "unloading":
      return "is being released";
    case "failed":
      return `failed: ${state.error.message}`;
    case "ended":
      return state.error === undefined ? "was unloaded" : `ended: ${state.error.message}`;
  }
}

function failureBefore(life: Life<unknown> | undefined): string {
  return life?.lastError === undefined ? "" : `; before it failed: ${life.lastError.message}`;
}

function progressOf(life: Life<unknown> | undefined): string {
  const progress = life?.progress;
  if (progress === undefined) return "";
  const { stage, done, total, unit = "items" } = progress;
  return `: ${stage}${done === undefined ? "" : ` ${done}`}${total === undefined ? "" : ` of ${total} ${unit}`}`;
}
