import { Observable, type Subscriber } from "rxjs";
import { ServingError } from "../errors.js";
import { checkVersion } from "../servable.js";
import { sameList } from "./same-list.js";
import type { AspiredVersion, AspiredVersions, Source } from "./source.js";

/**
 * A source in the hands of the app. Every method changes what is aspired of one name and leaves the rest, so that
 * nobody has to read before writing; `lists$` then emits the complete list of that name. What changes nothing emits
 * nothing. After `complete` or `fail` every method throws ServingError FAILED_PRECONDITION.
 */
export interface ControllableSource<D, N extends string = string> {
  /** The source for a manager. Whoever subscribes gets the present lists first, and the end if there was one. */
  readonly lists$: Source<D, N>;
  /** What is aspired now, by name. */
  readonly current: ReadonlyMap<N, AspiredVersions<D, N>>;
  /**
   * Adds a version, or puts it in the place of the one with its number. The same revision with the same data changes
   * nothing. A manager loads a version anew when its revision is another one, not when only its data is.
   * @throws ServingError INVALID_ARGUMENT for an empty name or what is no version, as all methods that take them
   */
  add(name: N, version: AspiredVersion<D>): void;
  /** Removes a version, or else the name with all its versions; the last list of a name is an empty one. */
  remove(name: N, version?: number): void;
  /** Aspires exactly these versions of a name; what else its list says stays. */
  replace(name: N, versions: readonly AspiredVersion<D>[]): void;
  /** Takes over a list as another source emitted it, with what it skipped and its notes. */
  set(list: AspiredVersions<D, N>): void;
  /** Aspires no version of a name, or of any name, and forgets what else the lists said; the names stay known. */
  clear(name?: N): void;
  /** These were the last lists; what is loaded stays loaded. */
  complete(): void;
  /** The source is dead of `error`; what is loaded stays loaded. */
  fail(error: unknown): void;
}

type List<D, N extends string> = AspiredVersions<D, N>;
type End = { readonly kind: "completed" } | { readonly kind: "failed"; readonly error: unknown };

/**
 * Makes a {@link ControllableSource} with nothing aspired, for any number of names and of subscribers:
 * `createManager({ app: control.lists$.pipe(loadWith(savedModel())) })`.
 */
export function controllableSource<D, N extends string = string>(): ControllableSource<D, N> {
  let lists: ReadonlyMap<N, List<D, N>> = new Map();
  let end: End | undefined;
  const listeners = new Set<Listener<N>>();
  const listOf = (name: N): List<D, N> => lists.get(name) ?? { name, versions: [] };

  const tellAll = (names: readonly N[]): void => {
    for (const { unheard } of listeners) for (const name of names) unheard.add(name);
    for (const listener of listeners) listener.tell();
  };
  /** Puts lists in the place of those of their names; undefined is that of a name which is forgotten. */
  const change = (changes: readonly (readonly [N, List<D, N> | undefined])[]): void => {
    const after = new Map(lists);
    const changed = changes.flatMap(([name, list]) => {
      const before = lists.get(name);
      if (list === undefined) after.delete(name);
      else if (before !== undefined && identical(before, list)) return [];
      else after.set(name, list);
      // Who has heard that a name has no version need not hear it again.
      return list === undefined && (before?.versions ?? []).length === 0 ? [] : [name];
    });
    lists = after;
    tellAll(changed);
  };
  const finish = (how: End): void => {
    end = how;
    tellAll([]);
  };
  const check = (method: string, name: N | undefined, versions: readonly number[]): void => {
    const where = `controllableSource: ${method}(${name === undefined ? "" : JSON.stringify(name)})`;
    if (end !== undefined) {
      throw new ServingError("FAILED_PRECONDITION", `${where}: the source has ${end.kind}; make another one`);
    }
    if (name === "") throw new ServingError("INVALID_ARGUMENT", `${where}: a model needs a name`);
    for (const version of versions) checkVersion(where, version);
    const twice = versions.find((version, index) => versions.indexOf(version) !== index);
    if (twice !== undefined) throw new ServingError("INVALID_ARGUMENT", `${where}: version ${twice} is there twice`);
  };

  return {
    lists$: new Observable((subscriber) => {
      const listener = listenerOf(subscriber, { listOf, end: () => end });
      listeners.add(listener);
      subscriber.add(() => listeners.delete(listener));
      for (const name of lists.keys()) listener.unheard.add(name);
      listener.tell();
    }),
    get current() {
      return lists;
    },
    add(name, version) {
      check("add", name, [version.version]);
      const { versions, ...rest } = listOf(name);
      const index = versions.findIndex((each) => each.version === version.version);
      change([[name, { ...rest, versions: index < 0 ? [...versions, version] : versions.with(index, version) }]]);
    },
    remove(name, version) {
      check("remove", name, version === undefined ? [] : [version]);
      const list = lists.get(name);
      if (list === undefined || version === undefined) return change([[name, undefined]]);
      change([[name, { ...list, versions: list.versions.filter((each) => each.version !== version) }]]);
    },
    replace(name, versions) {
      check("replace", name, numbersOf(versions));
      change([[name, { ...listOf(name), versions: [...versions] }]]);
    },
    set(list) {
      check("set", list.name, numbersOf(list.versions));
      change([[list.name, { ...list, versions: [...list.versions] }]]);
    },
    clear(name) {
      check("clear", name, []);
      const names = name === undefined ? [...lists.keys()] : [name].filter((each) => lists.has(each));
      change(names.map((each) => [each, { name: each, versions: [] }]));
    },
    complete() {
      check("complete", undefined, []);
      finish({ kind: "completed" });
    },
    fail(error) {
      check("fail", undefined, []);
      finish({ kind: "failed", error });
    },
  };
}

/** One subscriber of the lists. */
interface Listener<N extends string> {
  /** Names whose present list is new to it. */
  readonly unheard: Set<N>;
  /** Tells it those lists, and the end if there was one. */
  tell(): void;
}

interface Present<D, N extends string> {
  listOf(name: N): List<D, N>;
  end(): End | undefined;
}

/**
 * Listens for a subscriber, which may call back into the source: what changes then is told when it returns, so that no
 * list is followed by an older one.
 */
function listenerOf<D, N extends string>(subscriber: Subscriber<List<D, N>>, present: Present<D, N>): Listener<N> {
  const unheard = new Set<N>();
  let telling = false;
  return {
    unheard,
    tell() {
      if (telling) return;
      telling = true;
      // A set gives out what is added while it is being read, too.
      for (const name of unheard) {
        unheard.delete(name);
        subscriber.next(present.listOf(name));
      }
      telling = false;
      const end = present.end();
      if (end?.kind === "completed") subscriber.complete();
      if (end?.kind === "failed") subscriber.error(end.error);
    },
  };
}

function numbersOf(versions: readonly AspiredVersion<unknown>[]): number[] {
  return versions.map(({ version }) => version);
}

/** Whether a list says the same as another, down to the data. */
function identical<D>(a: AspiredVersions<D>, b: AspiredVersions<D>): boolean {
  return sameList(a, b) && a.versions.every((version, index) => Object.is(dataOf(version), dataOf(b.versions[index])));
}

function dataOf(version: AspiredVersion<unknown> | undefined): unknown {
  return version === undefined || "error" in version ? undefined : version.data;
}
