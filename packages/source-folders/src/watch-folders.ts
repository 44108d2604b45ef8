import {
  type AspiredVersions,
  type LookContext,
  pollSource,
  ServingError,
  type SkippedEntry,
  type Source,
} from "@servable/core";
import { Observable, tap } from "rxjs";
import { decide, initialState, type Look, type OfferList, type SourceState } from "./decide.js";
import type { FolderRules } from "./folder-rules.js";
import type { FolderStore } from "./folder-store.js";
import { pathOf, type SeenWhole, takeLook } from "./look.js";
import type { Offer } from "./standing.js";

/** How version folders are watched. */
export interface FolderWatch<D, N extends string> {
  /** The model, or what messages call the base path of several. */
  readonly name: N;
  readonly store: FolderStore<D>;
  readonly rules: FolderRules;
  /** Set where the base path holds a folder for each of several models: the name of the model in a folder. */
  readonly discover?: ((entry: string) => N | undefined) | undefined;
  /** How often to look; `once` looks once and completes, and completeness alone decides then. */
  readonly pace: Pace;
  /** See `FolderLook`. */
  readonly quietMs: number;
  readonly recheckMs?: number | undefined;
  /** Looks sooner at each emission, and looks into every folder then. */
  readonly hint$: Observable<unknown>;
  /** Further facts for `explain`. */
  readonly notes?: (() => readonly string[]) | undefined;
  /** Told how each look at the versions of a model has ended. */
  readonly onLook?: ((look: Look) => void) | undefined;
}

/** See `PollOptions` of core. */
export interface Pace {
  readonly once: boolean;
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly jitter: number;
  readonly timeoutMs: number;
}

/** A source that looks at version folders again and again, through a store. */
export function watchFolders<D, N extends string>(watch: FolderWatch<D, N>): Source<D, N> {
  const { name, store, rules, pace, hint$ } = watch;
  return new Observable((subscriber) => {
    const models = new Map<string, ModelWatch<D, N>>();
    let recheck = true;
    const modelAt = (folder: string, model: N): ModelWatch<D, N> => {
      const known = models.get(folder) ?? makeModelWatch(watch, { folder, model });
      models.set(folder, known);
      return known;
    };

    const look = async (context: LookContext): Promise<readonly AspiredVersions<D, N>[] | undefined> => {
      const recheckMs = recheck ? 0 : (watch.recheckMs ?? 0);
      recheck = false;
      if (watch.discover === undefined) return modelAt("", name).look(context, recheckMs);
      const found = await discoverModels(watch, { ...context, discover: watch.discover });
      if (found === undefined) return undefined;
      for (const folder of models.keys()) if (!found.folders.has(folder)) models.delete(folder);
      const lists: AspiredVersions<D, N>[] = [];
      for (const [folder, model] of found.folders)
        lists.push(...(await modelAt(folder, model).look(context, recheckMs)));
      return lists;
    };
    // All that may pass is a fault in what was seen; what is thrown, as by a policy, would be thrown again.
    const lookOrEnd = (context: LookContext): ReturnType<typeof look> =>
      look(context).catch((error: unknown) => {
        if (pace.once && ServingError.is(error)) throw error;
        if (!context.signal.aborted) subscriber.error(ServingError.from(error, "INTERNAL", name));
        return undefined;
      });
    return pollSource<D, N>({
      name,
      look: lookOrEnd,
      ...pace,
      hint$: hint$.pipe(
        tap(() => {
          recheck = true;
        }),
      ),
      onWarning: rules.onWarning,
      clock: store.clock,
    }).subscribe(subscriber);
  });
}

interface FoundModels<N extends string> {
  readonly folders: ReadonlyMap<string, N>;
}

/** The models under a base path; undefined where that cannot be said now, or there are none and the last ones stay. */
async function discoverModels<D, N extends string>(
  { store, rules, pace, name }: FolderWatch<D, N>,
  { signal, warn, discover }: LookContext & { readonly discover: (entry: string) => N | undefined },
): Promise<FoundModels<N> | undefined> {
  try {
    const folders = new Map<string, N>();
    for (const entry of await store.list("", signal)) {
      const model = entry.kind === "folder" ? discover(entry.name) : undefined;
      if (model !== undefined) folders.set(entry.name, model);
    }
    if (folders.size > 0 || rules.whenEmpty === "unload") return { folders };
    warn(`${store.nameOf("")} holds no model; a model is a folder of version folders; what was offered stays offered`);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { kind, reason } = store.failureOf(error, "");
    if (kind === "missing" && rules.whenEmpty === "unload") return { folders: new Map() };
    const text = kind === "missing" ? reason : `${store.nameOf("")} cannot be listed: ${reason}`;
    if (pace.once) throw new ServingError("NOT_AVAILABLE", `${name}: ${text}`, { cause: error });
    warn(`${text}; what was offered stays offered`);
    return undefined;
  }
}

interface ModelWatch<D, N extends string> {
  look(context: LookContext, recheckMs: number): Promise<readonly AspiredVersions<D, N>[]>;
}

/** Watches the versions of one model. */
function makeModelWatch<D, N extends string>(
  watch: FolderWatch<D, N>,
  { folder, model }: { readonly folder: string; readonly model: N },
): ModelWatch<D, N> {
  const { store, rules, pace, quietMs } = watch;
  const whole = new Map<string, SeenWhole>();
  const convert = makeConverter(watch, { folder, model, whole });
  let state: SourceState = initialState;
  return {
    async look({ signal, lookAgainWithin, warn }, recheckMs) {
      const seen = await takeLook({ rules, store, signal, folder, quietMs, recheckMs, whole }, state);
      watch.onLook?.(seen);
      if (seen.kind === "fault" && pace.once) throw new ServingError("NOT_AVAILABLE", seen.reason);
      const { versions, whenEmpty } = rules;
      const step = decide(state, seen, { path: store.nameOf(folder), versions, whenEmpty });
      state = step.state;
      // What still stands in the way is told again, and not taken for new.
      for (const trouble of state.troubles) warn(trouble);
      if (quietMs > 0 && isRestless(seen)) lookAgainWithin(quietMs);
      return state.list === undefined ? [] : [convert(state.list)];
    },
  };
}

/** Whether a folder may be at rest sooner than the next look. */
function isRestless(look: Look): boolean {
  const findings = look.kind === "listed" ? [...look.findings.values()] : [];
  return findings.some((each) => each.kind === "known" && each.memory.condition.kind === "restless");
}

interface Converted<N extends string> {
  readonly folder: string;
  readonly model: N;
  readonly whole: ReadonlyMap<string, SeenWhole>;
}

/** Makes lists for the manager; an offer that stays keeps its data. */
function makeConverter<D, N extends string>(
  { store, notes: furtherNotes = () => [] }: FolderWatch<D, N>,
  { folder, model, whole }: Converted<N>,
): (list: OfferList) => AspiredVersions<D, N> {
  const data = new WeakMap<Offer, D>();
  const dataOf = (offer: Offer): D | undefined => {
    const found = whole.get(pathOf(folder, offer.entry));
    if (!data.has(offer) && found !== undefined) data.set(offer, store.dataOf(found));
    return data.get(offer);
  };
  return ({ offers, skipped, notes }) => ({
    name: model,
    versions: offers.flatMap((offer) => {
      const found = dataOf(offer);
      return found === undefined ? [] : [{ version: offer.version, revision: offer.revision, data: found }];
    }),
    skipped: skipped.map(({ entry, reason }): SkippedEntry => ({ entry, reason })),
    notes: [...notes, ...furtherNotes()],
  });
}
