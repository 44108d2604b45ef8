import type { VersionPolicy } from "@servable/core";
import type { FolderMemory } from "./folder-memory.js";

/** A version as it is offered: the state of a folder. */
export interface Offer {
  readonly version: number;
  /** The name of the folder under the base path. */
  readonly entry: string;
  readonly revision: string;
}

/** What a look found out about one version folder. */
export type Finding =
  | { readonly kind: "known"; readonly memory: FolderMemory }
  | { readonly kind: "gone" }
  | { readonly kind: "fault"; readonly reason: string };

/** Whether a version can be offered. */
export type Standing =
  | { readonly kind: "offered"; readonly offer: Offer }
  /** Not as it is now, but as it was: its earlier offer stays. */
  | { readonly kind: "held"; readonly offer: Offer; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "gone" };

/** The name of a version's folder, what was found of it, and its offer in the last list. */
export interface Candidate {
  readonly version: number;
  readonly entry: string;
  readonly finding: Finding;
  readonly lastOffer: Offer | undefined;
}

/** Decides on one version folder. */
export function standingOf({ version, entry, finding, lastOffer }: Candidate): Standing {
  if (finding.kind === "gone") return finding;
  if (finding.kind === "known" && finding.memory.condition.kind === "complete") {
    const { revision } = finding.memory;
    // The same offer as an object, since what is made of it is kept by identity.
    const same = lastOffer?.revision === revision && lastOffer.entry === entry;
    return { kind: "offered", offer: same ? lastOffer : { version, entry, revision } };
  }
  const reason = finding.kind === "fault" ? finding.reason : reasonOf(finding.memory);
  return lastOffer === undefined ? { kind: "refused", reason } : { kind: "held", offer: lastOffer, reason };
}

function reasonOf({ condition }: FolderMemory): string {
  switch (condition.kind) {
    case "incomplete":
      return `not complete: ${condition.missing}`;
    case "restless":
      return "not at rest: its files have just changed";
    case "at-rest":
    case "complete":
      return "not yet looked into";
  }
}

/** What a policy chooses from, by version: what was found, and undefined where nobody has looked yet. */
export type Standings = ReadonlyMap<number, Standing | undefined>;

/**
 * The versions that a policy chooses, in its order. Those that nobody has looked into count as if they could be
 * offered, so that only what a policy wants, or would want next, costs a look.
 */
export function choose(policy: VersionPolicy, standings: Standings): readonly number[] {
  const possible = [...standings].flatMap(([version, standing]) =>
    standing?.kind === "refused" || standing?.kind === "gone" ? [] : [version],
  );
  return [...new Set(policy.select(possible))].filter((version) => possible.includes(version));
}

/** The next version to look into, until everything that the policy chooses is known. */
export function nextToExamine(policy: VersionPolicy, standings: Standings): number | undefined {
  return choose(policy, standings).find((version) => standings.get(version) === undefined);
}
