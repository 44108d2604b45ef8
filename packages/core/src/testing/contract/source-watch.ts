import type { AspiredVersion, AspiredVersions, Source } from "../../source/source.js";
import { claim, short } from "./claim.js";

/** A subscription that keeps every list, and lets a test wait for one. */
export interface SourceWatch<D> extends Disposable {
  readonly lists: readonly AspiredVersions<D>[];
  /** How the stream ended, in words. */
  readonly end: string | undefined;
  /**
   * Resolves with the last list if `holds` is true of it, else with the first of which it is.
   * @throws Error if the stream ends before
   */
  until(wanted: string, holds: (list: AspiredVersions<D>) => boolean): Promise<AspiredVersions<D>>;
}

/** Subscribes to a source. */
export function watchSource<D>(source: Source<D>): SourceWatch<D> {
  const lists: AspiredVersions<D>[] = [];
  const waiting = new Set<() => void>();
  let end: string | undefined;
  const tell = (): void => {
    for (const look of waiting) look();
  };
  const subscription = source.subscribe({
    next: (list) => {
      lists.push(list);
      tell();
    },
    error: (error: unknown) => {
      end = `failed with ${short(error)}`;
      tell();
    },
    complete: () => {
      end = "completed";
      tell();
    },
  });
  return {
    lists,
    get end() {
      return end;
    },
    until: (wanted, holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const last = lists.at(-1);
          if (last !== undefined && holds(last)) resolve(last);
          else if (end !== undefined) reject(missed(wanted, `the stream ${end}`, last));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}

/** What to say of a list that did not come. */
export function missed(wanted: string, why: string, last: AspiredVersions<unknown> | undefined): Error {
  const found = last === undefined ? "there was none" : `the last one has ${inShort(last)}`;
  return new Error(`wanted a list of ${wanted}, but ${why}; ${found}`);
}

/** The versions of a list that can be loaded, in ascending order. */
export function versionsOf(list: AspiredVersions<unknown>): number[] {
  return list.versions.flatMap((each) => ("error" in each ? [] : [each.version])).sort((a, b) => a - b);
}

/** A version of a list that can be loaded. */
export function versionIn<D>(list: AspiredVersions<D>, version: number): Good<D> {
  for (const each of list.versions) if (each.version === version && !("error" in each)) return each;
  throw new Error(`the list has no version ${version}; it has ${inShort(list)}`);
}

type Good<D> = Extract<AspiredVersion<D>, { readonly data: D }>;

/** What a list says, apart from its data: versions with their revisions, in ascending order. */
export function inShort({ versions }: AspiredVersions<unknown>): string {
  const written = [...versions]
    .sort((a, b) => a.version - b.version)
    .map((each) =>
      "error" in each ? `${each.version} (${short(each.error)})` : `${each.version} ${each.revision ?? ""}`,
    );
  return written.join(", ") || "no version";
}

/** Claims that a list is well formed. */
export function claimWellFormed(list: AspiredVersions<unknown>): void {
  const { name, versions, skipped = [], notes = [] } = list;
  claim(typeof name === "string" && name !== "", `a list has the name ${short(name)}`);
  const seen = new Set<number>();
  for (const each of versions) {
    const { version } = each;
    const good = Number.isSafeInteger(version) && version >= 0;
    claim(good, `${name} lists version ${short(version)}; versions are integers from 0 on`);
    claim(!seen.has(version), `${name} lists version ${version} twice`);
    seen.add(version);
    claim("data" in each !== "error" in each, `${name} lists version ${version} with both or none of data and error`);
    const revision: unknown = "error" in each ? undefined : each.revision;
    const named = revision === undefined || (typeof revision === "string" && revision !== "");
    claim(named, `${name} lists version ${version} with the revision ${short(revision)}`);
  }
  for (const each of skipped) {
    const told = [each.entry, each.reason].every((text) => typeof text === "string" && text !== "");
    claim(told, `${name} has skipped ${short(each)}; an entry has a name and a reason`);
  }
  claim(
    notes.every((note) => typeof note === "string"),
    `${name} has the notes ${short(notes)}`,
  );
}
