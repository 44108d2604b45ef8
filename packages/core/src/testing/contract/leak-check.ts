import type { Handle } from "../../handle.js";
import type { Loaded, Loader, Parts } from "../../loader.js";
import type { Manager, ModelMap } from "../../manager/manager.js";
import type { ModelFiles, OpenFiles } from "../../model-files.js";
import { formatId } from "../../servable.js";
import { claim } from "./claim.js";

/** Counts what is taken against what is given back, whoever takes it. */
export interface LeakCheck {
  /** What is held now, in words, oldest first. */
  readonly held: readonly string[];
  /** How much was taken, ever. */
  readonly taken: number;
  /** The same loader; what it loads counts as held until it is disposed. */
  loader<S>(loader: Loader<S>): Loader<S>;
  /** The same manager; handles borrowed from it count as held until they are released. */
  manager<M extends ModelMap>(manager: Manager<M>): Manager<M>;
  /** The same parts of a composite; handles acquired from them count as held until they are released. */
  parts(parts: Parts): Parts;
  /** The same files; what is opened counts as held until it is disposed. */
  files(files: ModelFiles): ModelFiles;
  /** @throws Error that names what is still held */
  check(): void;
}

/** Makes a {@link LeakCheck}. */
export function leakCheck(): LeakCheck {
  const held = new Set<{ readonly what: string }>();
  let taken = 0;
  /** Notes that something is held; the function returned notes, once, that it is not any more. */
  const take = (what: string): (() => void) => {
    const entry = { what };
    held.add(entry);
    taken++;
    return () => void held.delete(entry);
  };
  const lend = <S, N extends string>(handle: Handle<S, N>): Handle<S, N> => {
    const giveBack = take(`a handle of ${formatId(handle.id)}`);
    const release = (): void => {
      giveBack();
      handle.release();
    };
    return {
      id: handle.id,
      // Read anew each time, since a released handle refuses.
      get servable() {
        return handle.servable;
      },
      release,
      [Symbol.dispose]: release,
    };
  };
  return {
    get held() {
      return [...held].map(({ what }) => what);
    },
    get taken() {
      return taken;
    },
    loader: <S>(loader: Loader<S>): Loader<S> => ({
      ...(loader.dependencies && { dependencies: loader.dependencies }),
      ...(loader.estimateResources && { estimateResources: (context) => loader.estimateResources?.(context) ?? {} }),
      async load(context): Promise<Loaded<S>> {
        const loaded = await loader.load(context);
        const giveBack = take(`the loaded ${formatId(context.id)}`);
        return {
          servable: loaded.servable,
          ...(loaded.resources && { resources: loaded.resources }),
          ...(loaded.describe && { describe: () => loaded.describe?.() ?? {} }),
          async [Symbol.asyncDispose]() {
            await loaded[Symbol.asyncDispose]();
            giveBack();
          },
        };
      },
    }),
    manager: (manager) => ({
      ...manager,
      acquire: (name, selector) => lend(manager.acquire(name, selector)),
      borrow: async (name, selector, options) => lend(await manager.borrow(name, selector, options)),
      use: (name, work, selector) =>
        manager.use(
          name,
          async (servable, id) => {
            const giveBack = take(`a use of ${formatId(id)}`);
            try {
              return await work(servable, id);
            } finally {
              giveBack();
            }
          },
          selector,
        ),
    }),
    parts: (parts) => ({ acquire: (dependency) => lend(parts.acquire(dependency)) }),
    files: (files) => ({
      async open(context): Promise<OpenFiles> {
        const open = await files.open(context);
        const giveBack = take("open files");
        return {
          ...(open.path !== undefined && { path: open.path }),
          list: () => open.list(),
          read: (name, range) => open.read(name, range),
          async [Symbol.asyncDispose]() {
            await open[Symbol.asyncDispose]();
            giveBack();
          },
        };
      },
    }),
    check() {
      claim(held.size === 0, `still held: ${[...held].map(({ what }) => what).join(", ")}`);
    },
  };
}
