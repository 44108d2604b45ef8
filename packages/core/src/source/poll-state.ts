import { sameList } from "./same-list.js";
import type { AspiredVersions } from "./source.js";

/** How a look ended; `warnings` are what it met on the way and lived with. */
export type LookOutcome<D, N extends string> =
  | { readonly kind: "found"; readonly lists: readonly AspiredVersions<D, N>[]; readonly warnings: readonly string[] }
  | { readonly kind: "unchanged"; readonly warnings: readonly string[] }
  | { readonly kind: "failed"; readonly reason: string; readonly warnings: readonly string[] };

/** What a polling source knows between two looks. */
export interface PollState<D, N extends string> {
  /** The last lists, by name, as the subscriber has them. */
  readonly told: ReadonlyMap<N, AspiredVersions<D, N>>;
  /** The same as they were found: without the note on a look that failed. */
  readonly found: ReadonlyMap<N, AspiredVersions<D, N>>;
  /** What stood in the way at the last look. */
  readonly troubles: readonly string[];
  /** Whether the last look brought something new or failed, and how many looks in a row have been like that. */
  readonly streak: { readonly of: "news" | "silence" | "failure"; readonly length: number };
}

/** What follows from a look. */
export interface PollStep<D, N extends string> {
  readonly state: PollState<D, N>;
  /** The lists that differ from those told before. */
  readonly lists: readonly AspiredVersions<D, N>[];
  /** The troubles that the look before did not have. */
  readonly warnings: readonly string[];
}

/** Before the first look. */
export function initialPollState<D, N extends string>(): PollState<D, N> {
  return { told: new Map(), found: new Map(), troubles: [], streak: { of: "news", length: 0 } };
}

/** Decides what to tell after a look. Pure: all that it takes from earlier looks is in `state`. */
export function afterLook<D, N extends string>(state: PollState<D, N>, outcome: LookOutcome<D, N>): PollStep<D, N> {
  const found = outcome.kind === "found" ? keepSame(state.found, outcome.lists) : state.found;
  const failure =
    outcome.kind === "failed" ? `${outcome.reason}; it is tried again, and what was found before stays` : undefined;
  const told = new Map([...found].map(([name, list]) => [name, withNote(list, failure)] as const));
  const lists = differences(state.told, told);
  const troubles = [...new Set([...outcome.warnings, ...(failure === undefined ? [] : [failure])])];
  const of = failure !== undefined ? "failure" : sameFinds(state.found, found) ? "silence" : "news";
  const length = of === state.streak.of && of !== "news" ? state.streak.length + 1 : 1;
  return {
    state: { told, found, troubles, streak: { of, length } },
    lists,
    warnings: troubles.filter((trouble) => !state.troubles.includes(trouble)),
  };
}

/** The lists of a look by name; one that says the same as before stays the same object, with its data. */
function keepSame<D, N extends string>(
  before: ReadonlyMap<N, AspiredVersions<D, N>>,
  lists: readonly AspiredVersions<D, N>[],
): ReadonlyMap<N, AspiredVersions<D, N>> {
  return new Map(
    lists.map((list) => {
      const last = before.get(list.name);
      return [list.name, last !== undefined && sameList(last, list) ? last : list];
    }),
  );
}

function withNote<D, N extends string>(list: AspiredVersions<D, N>, note: string | undefined): AspiredVersions<D, N> {
  return note === undefined ? list : { ...list, notes: [...(list.notes ?? []), note] };
}

/** What has to be said so that who knows `before` knows `after`. */
function differences<D, N extends string>(
  before: ReadonlyMap<N, AspiredVersions<D, N>>,
  after: ReadonlyMap<N, AspiredVersions<D, N>>,
): AspiredVersions<D, N>[] {
  const changed = [...after.values()].filter((list) => {
    const last = before.get(list.name);
    return last === undefined || !sameList(last, list);
  });
  const leftOut = [...before.values()].filter(({ name, versions }) => versions.length > 0 && !after.has(name));
  return [...changed, ...leftOut.map(({ name }) => ({ name, versions: [] }))];
}

function sameFinds<N extends string>(
  before: ReadonlyMap<N, AspiredVersions<unknown, N>>,
  after: ReadonlyMap<N, AspiredVersions<unknown, N>>,
): boolean {
  return before.size === after.size && [...after].every(([name, list]) => before.get(name) === list);
}
