/** What is remembered of a version folder from look to look. */
export interface FolderMemory {
  /** Names the state of its files. */
  readonly revision: string;
  /** When it was first seen in this state. */
  readonly sinceMs: number;
  readonly condition: Condition;
}

/** How far a folder, in one state of its files, has come towards being offered. */
export type Condition =
  | { readonly kind: "restless" }
  | { readonly kind: "at-rest" }
  | { readonly kind: "complete" }
  | { readonly kind: "incomplete"; readonly missing: string };

/** The state in which a folder was found. */
export interface FolderSight {
  readonly revision: string;
  /** When something in it was last changed, by the clock of its file system. */
  readonly newestMs: number;
}

/** When a folder counts as being at rest. */
export interface RestRules {
  readonly nowMs: number;
  /** A folder is at rest whose newest change, when it is first seen, is older than this... */
  readonly settleMs: number;
  /** ...or that has been seen in the same state for this long. */
  readonly quietMs: number;
}

/** What to remember of a folder after another sight of it. */
export function remember(previous: FolderMemory | undefined, sight: FolderSight, rules: RestRules): FolderMemory {
  const { revision, newestMs } = sight;
  const { nowMs, settleMs, quietMs } = rules;
  const same = previous !== undefined && previous.revision === revision ? previous : undefined;
  if (same !== undefined && same.condition.kind !== "restless") return same;
  // A clock that was set back must not keep a folder waiting until it has caught up.
  const sinceMs = same === undefined ? nowMs : Math.min(same.sinceMs, nowMs);
  // Age counts at the first sight only: what was seen to change is not old, whatever the clock of a file server says.
  const old = previous === undefined && nowMs - newestMs > settleMs;
  const atRest = old || nowMs - sinceMs >= quietMs;
  return { revision, sinceMs, condition: { kind: atRest ? "at-rest" : "restless" } };
}

/** The memory of a folder at rest, once it was asked whether something is missing. */
export function withVerdict(memory: FolderMemory, missing: string | undefined): FolderMemory {
  return { ...memory, condition: missing === undefined ? { kind: "complete" } : { kind: "incomplete", missing } };
}

/** The memory of a folder that changed while it was being asked. */
export function disturbed(sight: FolderSight, nowMs: number): FolderMemory {
  return { revision: sight.revision, sinceMs: nowMs, condition: { kind: "restless" } };
}
