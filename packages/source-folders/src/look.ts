import { MANIFEST_FILE, missingFromManifest, parseManifest } from "@servable/saved-model";
import type { Look, SourceState } from "./decide.js";
import { disturbed, type FolderMemory, remember, withVerdict } from "./folder-memory.js";
import type { FolderRules } from "./folder-rules.js";
import type { FolderStore, WholeFolder } from "./folder-store.js";
import { type Finding, nextToExamine, type Standing, standingOf } from "./standing.js";
import { type VersionFolders, versionFolders } from "./version-folders.js";

/** What a look is taken with. */
export interface FolderLook {
  readonly rules: FolderRules;
  readonly store: FolderStore<unknown>;
  readonly signal: AbortSignal;
  /** The folder that holds the version folders, relative to the base path. */
  readonly folder: string;
  /** How long a folder must be seen in one state to be at rest, and never two looks that a hint brought close together. */
  readonly quietMs: number;
  /** How long a folder that was found whole need not be listed again. */
  readonly recheckMs: number;
  /** The folders that were found whole, by their names. */
  readonly whole: Map<string, SeenWhole>;
}

/** A whole folder, and when it was last seen so. */
export interface SeenWhole extends WholeFolder {
  readonly seenMs: number;
}

/**
 * Looks at the folder that holds the versions, and into the version folders that matter.
 * @throws the reason of the signal when it aborts, and what a version policy throws
 */
export async function takeLook(look: FolderLook, state: SourceState): Promise<Look> {
  const { rules, store, signal, folder } = look;
  let base: VersionFolders;
  try {
    base = versionFolders(await store.list(folder, signal), rules.parseVersion);
  } catch (error) {
    return failedLook(look, error);
  }
  const findings = new Map<number, Finding>();
  const standings = new Map<number, Standing | undefined>([...base.folders.keys()].map((each) => [each, undefined]));
  for (;;) {
    signal.throwIfAborted();
    const version = nextToExamine(rules.versions, standings);
    const entry = version === undefined ? undefined : base.folders.get(version);
    if (version === undefined || entry === undefined) return { kind: "listed", base, findings };
    const finding = await examine(look, entry, state.memories.get(entry));
    if (finding.kind === "gone") {
      // A removed version, or the whole base path while it was being looked at? The latter removes nothing.
      const failed = await listAgain(look);
      if (failed !== undefined) return failed;
    }
    const lastOffer = state.list?.offers.find((offer) => offer.version === version);
    findings.set(version, finding);
    standings.set(version, standingOf({ version, entry, finding, lastOffer }));
  }
}

async function listAgain(look: FolderLook): Promise<Look | undefined> {
  try {
    await look.store.list(look.folder, look.signal);
    return undefined;
  } catch (error) {
    return failedLook(look, error);
  }
}

function failedLook({ store, folder, signal }: FolderLook, error: unknown): Look {
  signal.throwIfAborted();
  const { kind, reason } = store.failureOf(error, folder);
  if (kind === "missing") return { kind, reason };
  return { kind, reason: `${store.nameOf(folder)} cannot be listed: ${reason}` };
}

/** Finds out whether a version folder can be offered, asking only what is not known of its present state. */
async function examine(look: FolderLook, entry: string, previous: FolderMemory | undefined): Promise<Finding> {
  const { store, signal, quietMs, rules } = look;
  const folder = pathOf(look.folder, entry);
  const nowMs = store.clock.now();
  if (isFresh(look, { folder, previous, nowMs }) && previous !== undefined) return { kind: "known", memory: previous };
  try {
    const listing = await store.listFolder(folder, signal);
    const memory = remember(previous, listing, { nowMs, settleMs: rules.settleMs, quietMs });
    const { kind } = memory.condition;
    if (kind === "complete")
      look.whole.set(folder, { ...(look.whole.get(folder) ?? { folder }), listing, seenMs: nowMs });
    // What says of itself that it is whole has nothing to wait for.
    const speaks = listing.files.some(({ name }) => name === MANIFEST_FILE || name === rules.marker);
    if (kind === "complete" || kind === "incomplete" || (kind === "restless" && !speaks))
      return { kind: "known", memory };
    const verdict = await ask(look, { folder, listing });
    if (verdict.kind === "whole") {
      look.whole.set(folder, { ...verdict.whole, seenMs: nowMs });
      if (verdict.known) return { kind: "known", memory: withVerdict(memory, undefined) };
    }
    // What changed while it was being read was not seen in one state.
    const after = await store.listFolder(folder, signal);
    if (after.revision !== listing.revision) return { kind: "known", memory: disturbed(after, nowMs) };
    if (verdict.kind === "unknown") return fault(look, folder, verdict.error);
    return { kind: "known", memory: withVerdict(memory, verdict.kind === "whole" ? undefined : verdict.missing) };
  } catch (error) {
    signal.throwIfAborted();
    return store.failureOf(error, folder).kind === "missing" ? { kind: "gone" } : fault(look, folder, error);
  }
}

interface Sighting {
  readonly folder: string;
  readonly previous: FolderMemory | undefined;
  readonly nowMs: number;
}

/** Whether a folder was seen whole so lately that it is taken to be so still. */
function isFresh({ whole, recheckMs }: FolderLook, { folder, previous, nowMs }: Sighting): boolean {
  const seen = whole.get(folder);
  if (previous?.condition.kind !== "complete" || seen?.listing.revision !== previous.revision) return false;
  return nowMs >= seen.seenMs && nowMs - seen.seenMs < recheckMs;
}

function fault({ store }: FolderLook, folder: string, error: unknown): Finding {
  return {
    kind: "fault",
    reason: `${store.nameOf(folder)} cannot be looked into: ${store.failureOf(error, folder).reason}`,
  };
}

type Verdict =
  /** `known` without a look at its files. */
  | { readonly kind: "whole"; readonly whole: WholeFolder; readonly known: boolean }
  | { readonly kind: "missing"; readonly missing: string }
  | { readonly kind: "unknown"; readonly error: unknown };

async function ask({ rules, store, signal }: FolderLook, whole: WholeFolder): Promise<Verdict> {
  const { folder, listing } = whole;
  const files = listing.files.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  try {
    if (rules.marker !== undefined && !files.some(({ name }) => name === rules.marker)) {
      return { kind: "missing", missing: `${rules.marker} is missing` };
    }
    if (await store.isKnown?.(whole, signal)) return { kind: "whole", whole, known: true };
    if (files.some(({ name }) => name === MANIFEST_FILE)) {
      const manifest = parseManifest(await store.readFile(whole, MANIFEST_FILE, { signal }));
      const missing = missingFromManifest(manifest, files);
      if (missing !== undefined) return { kind: "missing", missing };
      return { kind: "whole", whole: { folder, listing, manifest }, known: false };
    }
    const missing = await rules.complete(files, async (name, range) => {
      signal.throwIfAborted();
      return store.readFile(whole, name, { range, signal });
    });
    return missing === undefined ? { kind: "whole", whole, known: false } : { kind: "missing", missing };
  } catch (error) {
    return { kind: "unknown", error };
  }
}

/** A folder below another one, by name. */
export function pathOf(folder: string, entry: string): string {
  return folder === "" ? entry : `${folder}/${entry}`;
}
