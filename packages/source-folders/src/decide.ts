import { missingVersions, type SkippedEntry, type VersionPolicy } from "@servable/core";
import type { FolderMemory } from "./folder-memory.js";
import { type Candidate, choose, type Finding, type Offer, type Standing, standingOf } from "./standing.js";
import type { VersionFolders } from "./version-folders.js";

/** What one look at a base path has found. */
export type Look =
  | {
      readonly kind: "listed";
      readonly base: VersionFolders;
      /** Of the versions that were looked into. */
      readonly findings: ReadonlyMap<number, Finding>;
    }
  /** There is no such folder. */
  | { readonly kind: "missing"; readonly reason: string }
  /** There is one that cannot be read until someone changes that. */
  | { readonly kind: "unreadable"; readonly reason: string }
  /** Something failed that may work the next time. */
  | { readonly kind: "fault"; readonly reason: string };

/** The list that a source gives, apart from the data. */
export interface OfferList {
  readonly offers: readonly Offer[];
  readonly skipped: readonly SkippedEntry[];
  readonly notes: readonly string[];
}

/** All that a source knows between two looks. */
export interface SourceState {
  /** By the name of the folder. */
  readonly memories: ReadonlyMap<string, FolderMemory>;
  /** The last list that was given. */
  readonly list: OfferList | undefined;
  /** What stood in the way at the last look. */
  readonly troubles: readonly string[];
}

/** Before the first look. */
export const initialState: SourceState = { memories: new Map(), list: undefined, troubles: [] };

/** The options that decide. */
export interface DecisionRules {
  readonly path: string;
  readonly versions: VersionPolicy;
  readonly whenEmpty: "keep" | "unload";
}

/** What follows from a look. */
export interface Step {
  readonly state: SourceState;
  /** Set when there is something new to say. */
  readonly emission?: OfferList;
  readonly warnings: readonly string[];
}

/** Decides what to offer after a look. Pure: all that it takes from earlier looks is in `state`. */
export function decide(state: SourceState, look: Look, rules: DecisionRules): Step {
  switch (look.kind) {
    case "fault":
      return step(state, { troubles: [`${look.reason}; it is tried again at the next look`] });
    case "missing":
    case "unreadable":
      return step(state, away(state, look, rules));
    case "listed":
      return step(state, listed(state, look, rules));
  }
}

/** What a look changes; what is left out stays. */
interface Outcome {
  readonly list?: OfferList;
  readonly memories?: ReadonlyMap<string, FolderMemory>;
  readonly troubles: readonly string[];
}

function step(state: SourceState, { list = state.list, memories = state.memories, troubles }: Outcome): Step {
  const warnings = troubles.filter((trouble) => !state.troubles.includes(trouble));
  if (list === undefined || sameList(list, state.list)) {
    return { state: { memories, list: state.list, troubles }, warnings };
  }
  return { state: { memories, list, troubles }, emission: list, warnings };
}

function away(state: SourceState, { kind, reason }: Exclude<Look, { kind: "listed" }>, rules: DecisionRules): Outcome {
  const last = state.list?.offers ?? [];
  // Nobody knows that a folder which cannot be read is empty.
  const kept = rules.whenEmpty === "keep" || kind === "unreadable" ? last : [];
  const note = kept.length > 0 ? `${reason}; ${keeping(kept)}` : reason;
  return { list: { offers: kept, skipped: [], notes: [note] }, troubles: [note] };
}

function listed(state: SourceState, look: Extract<Look, { kind: "listed" }>, rules: DecisionRules): Outcome {
  const lastOffers = state.list?.offers ?? [];
  const candidates = candidatesOf(look, lastOffers);
  const standings = new Map<number, Standing>(candidates.map((each) => [each.version, standingOf(each)]));
  const chosen = choose(rules.versions, standings).flatMap((version) => {
    const standing = standings.get(version);
    return standing !== undefined && "offer" in standing ? [{ version, standing }] : [];
  });
  const offers = chosen.map(({ standing }) => standing.offer);
  const kept = offers.length === 0 && rules.whenEmpty === "keep" ? lastOffers : [];
  const empty = offers.length === 0 ? emptyReason(look, rules) : undefined;
  const held = chosen.flatMap(({ version, standing }) =>
    standing.kind === "held" ? [`version ${version} stays offered as it was: ${standing.reason}`] : [],
  );
  const emptyNotes = empty === undefined ? [] : [kept.length > 0 ? `${empty}; ${keeping(kept)}` : empty];
  const refused = candidates.flatMap(({ version, entry }) => {
    const standing = standings.get(version);
    return standing?.kind === "refused" ? [{ entry, reason: standing.reason }] : [];
  });
  const faults = candidates.flatMap(({ finding }) => (finding.kind === "fault" ? [finding.reason] : []));
  const alarming = kept.length > 0 || look.base.folders.size === 0;
  return {
    list: {
      offers: kept.length > 0 ? kept : offers,
      skipped: [...refused, ...look.base.skipped, ...missingVersions(rules.versions, [...look.base.folders.keys()])],
      notes: [...held, ...emptyNotes],
    },
    memories: memoriesAfter(state, look),
    troubles: [...faults, ...(alarming ? emptyNotes : [])],
  };
}

function candidatesOf(look: Extract<Look, { kind: "listed" }>, lastOffers: readonly Offer[]): Candidate[] {
  return [...look.base.folders].flatMap(([version, entry]) => {
    const finding = look.findings.get(version);
    const lastOffer = lastOffers.find((offer) => offer.version === version);
    return finding === undefined ? [] : [{ version, entry, finding, lastOffer }];
  });
}

/** Folders that were not looked into keep their memory, those that are gone lose it. */
function memoriesAfter(state: SourceState, look: Extract<Look, { kind: "listed" }>): ReadonlyMap<string, FolderMemory> {
  const memories = new Map<string, FolderMemory>();
  for (const [version, entry] of look.base.folders) {
    const finding = look.findings.get(version);
    const memory = finding?.kind === "known" ? finding.memory : state.memories.get(entry);
    if (memory !== undefined && finding?.kind !== "gone") memories.set(entry, memory);
  }
  return memories;
}

function emptyReason({ base }: Extract<Look, { kind: "listed" }>, { path, versions }: DecisionRules): string {
  if (base.folders.size === 0) {
    return `${path} holds no version; a version is a folder with a decimal name, such as ${path}/1`;
  }
  return `${path} holds nothing to offer as ${versions.description}; version folders found: ${base.folders.size}`;
}

function keeping(offers: readonly Offer[]): string {
  const versions = offers.map(({ version }) => version).join(", ");
  return `what was offered stays offered: version ${versions}`;
}

function sameList(a: OfferList, b: OfferList | undefined): boolean {
  // All fields are text and numbers, always written in the same order.
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
