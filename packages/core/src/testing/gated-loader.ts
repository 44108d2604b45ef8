import type { LoadContext, Loaded, Loader } from "../loader.js";
import type { ServableId } from "../servable.js";

/** A servable of {@link gatedLoader}: tells which load it came from, and whether it has been released. */
export interface GatedServable {
  readonly id: ServableId;
  readonly released: boolean;
}

/** One load that waits behind its gate. */
export interface GatedLoad {
  readonly context: LoadContext;
  /** Lets the load succeed. */
  succeed(): void;
  /** Lets the load fail. */
  fail(error: unknown): void;
}

/** A loader whose loads and releases happen when a test says so, and are counted. */
export interface GatedLoader extends Loader<GatedServable> {
  /** Loads begun and not yet let through, oldest first. */
  readonly pending: readonly GatedLoad[];
  /** Loads begun, ever. */
  readonly begun: number;
  /** Loads that succeeded, ever. */
  readonly loaded: number;
  /** Loaded servables that were released, ever; a release too many throws. */
  readonly released: number;
  /** Holds releases back until the function returned is called. */
  holdReleases(): () => void;
}

/** Makes a {@link GatedLoader}; with `open` every load succeeds at once. */
export function gatedLoader({ open = false }: { readonly open?: boolean } = {}): GatedLoader {
  const pending: GatedLoad[] = [];
  const counts = { begun: 0, loaded: 0, released: 0 };
  let gate: Promise<void> = Promise.resolve();

  const makeLoaded = (id: ServableId): Loaded<GatedServable> => {
    const servable = { id, released: false };
    counts.loaded++;
    return {
      servable,
      async [Symbol.asyncDispose]() {
        if (servable.released) throw new Error(`${id.name}/${id.version} was released twice`);
        servable.released = true;
        await gate;
        counts.released++;
      },
    };
  };

  return {
    pending,
    get begun() {
      return counts.begun;
    },
    get loaded() {
      return counts.loaded;
    },
    get released() {
      return counts.released;
    },
    load(context) {
      counts.begun++;
      if (open) return Promise.resolve(makeLoaded(context.id));
      return new Promise((resolve, reject) => {
        const settle = (action: () => void) => (): void => {
          pending.splice(pending.indexOf(load), 1);
          action();
        };
        const load: GatedLoad = {
          context,
          succeed: settle(() => resolve(makeLoaded(context.id))),
          fail: (error) => settle(() => reject(error))(),
        };
        pending.push(load);
      });
    },
    holdReleases() {
      let letGo = (): void => {};
      gate = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
  };
}
