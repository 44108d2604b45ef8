import { join } from "node:path";
import type { Look, SourceState } from "./decide.js";
import { disturbed, type FolderMemory, type FolderSight, remember, withVerdict } from "./folder-memory.js";
import { type FolderListing, revisionOf } from "./list-folder.js";
import type { FsSourceSettings } from "./options.js";
import type { SourcePorts } from "./ports.js";
import { type Finding, nextToExamine, type Standing, standingOf } from "./standing.js";
import { saysForbidden, saysMissing, shortReason, systemCodeOf } from "./system-error.js";
import { type VersionFolders, versionFolders } from "./version-folders.js";

/** What a look is taken with. */
export interface LookContext {
  readonly settings: FsSourceSettings;
  readonly ports: SourcePorts;
  readonly signal: AbortSignal;
}

/**
 * How long a folder must be seen in one state to be at rest: two looks in a row, unless these are further apart than
 * folders need to settle, and never two looks that a hint brought close together.
 */
export function quietMsOf({ pollMs, settleMs }: FsSourceSettings): number {
  return Math.min(pollMs, settleMs);
}

/**
 * Looks at the base path, and into the version folders that matter.
 * @throws the reason of the signal when it aborts, and what a version policy throws
 */
export async function takeLook(context: LookContext, state: SourceState): Promise<Look> {
  const { settings, ports, signal } = context;
  let base: VersionFolders;
  try {
    base = versionFolders(await ports.listBase(settings.path), settings.parseVersion);
  } catch (error) {
    return failedLook(settings.path, error);
  }
  const findings = new Map<number, Finding>();
  const standings = new Map<number, Standing | undefined>([...base.folders.keys()].map((each) => [each, undefined]));
  for (;;) {
    signal.throwIfAborted();
    const version = nextToExamine(settings.versions, standings);
    const entry = version === undefined ? undefined : base.folders.get(version);
    if (version === undefined || entry === undefined) return { kind: "listed", base, findings };
    const finding = await examine(context, entry, state.memories.get(entry));
    if (finding.kind === "gone") {
      // A removed version, or the whole base path while it was being looked at? The latter removes nothing.
      const failed = await listAgain(context);
      if (failed !== undefined) return failed;
    }
    const lastOffer = state.list?.offers.find((offer) => offer.version === version);
    findings.set(version, finding);
    standings.set(version, standingOf({ version, entry, finding, lastOffer }));
  }
}

async function listAgain({ settings, ports }: LookContext): Promise<Look | undefined> {
  try {
    await ports.listBase(settings.path);
    return undefined;
  } catch (error) {
    return failedLook(settings.path, error);
  }
}

function failedLook(path: string, error: unknown): Look {
  const code = systemCodeOf(error);
  if (code === "ENOTDIR") return { kind: "missing", reason: `${path} is not a folder` };
  if (saysMissing(error)) return { kind: "missing", reason: `there is no folder ${path}` };
  const reason = `${path} cannot be listed: ${shortReason(error)}`;
  return { kind: saysForbidden(error) ? "unreadable" : "fault", reason };
}

/** Finds out whether a version folder can be offered, asking only what is not known of its present state. */
async function examine(context: LookContext, entry: string, previous: FolderMemory | undefined): Promise<Finding> {
  const { settings, ports, signal } = context;
  const folder = join(settings.path, entry);
  try {
    const sight = await see(ports, folder, entry);
    const nowMs = ports.clock.now();
    const { settleMs } = settings;
    const memory = remember(previous, sight, { nowMs, settleMs, quietMs: quietMsOf(settings) });
    if (memory.condition.kind !== "at-rest") return { kind: "known", memory };
    const verdict = await ask(context, folder, sight.files);
    // What changed while it was being read was not seen in one state.
    const after = await see(ports, folder, entry);
    if (after.revision !== sight.revision) return { kind: "known", memory: disturbed(after, nowMs) };
    if (verdict.kind === "unknown") return fault(folder, verdict.error);
    return { kind: "known", memory: withVerdict(memory, verdict.missing) };
  } catch (error) {
    signal.throwIfAborted();
    return saysMissing(error) ? { kind: "gone" } : fault(folder, error);
  }
}

function fault(folder: string, error: unknown): Finding {
  return { kind: "fault", reason: `${folder} cannot be looked into: ${shortReason(error)}` };
}

async function see(ports: SourcePorts, folder: string, entry: string): Promise<FolderListing & FolderSight> {
  const listing = await ports.listFolder(folder);
  return { ...listing, revision: revisionOf(entry, listing.files) };
}

type Verdict =
  | { readonly kind: "known"; readonly missing: string | undefined }
  | { readonly kind: "unknown"; readonly error: unknown };

async function ask(
  { settings, ports, signal }: LookContext,
  folder: string,
  listed: FolderListing["files"],
): Promise<Verdict> {
  const files = listed.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  try {
    const missing = await settings.complete(files, async (name, range) => {
      signal.throwIfAborted();
      return ports.readFile(folder, name, range);
    });
    return { kind: "known", missing };
  } catch (error) {
    return { kind: "unknown", error };
  }
}
