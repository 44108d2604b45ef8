import { take } from "rxjs";
import type { AspiredVersions, Source } from "../../source/source.js";
import { claim, claimSame, short } from "./claim.js";
import { type ContractCase, type ContractOptions, contractOf, needing } from "./contract.js";
import {
  claimWellFormed,
  inShort,
  missed,
  type SourceWatch,
  versionIn,
  versionsOf,
  watchSource,
} from "./source-watch.js";

/**
 * A source, and the world that it looks at. What hooks do is done when they have resolved. A case whose hook is missing
 * has to be skipped by name.
 */
export interface SourceSubject<W extends AsyncDisposable, D> extends ContractOptions {
  /** A store without versions, for one case. */
  readonly world: () => W | Promise<W>;
  /** A source of one name that offers every version of the store. Nothing has subscribed to it. */
  readonly create: (world: W) => Source<D>;
  /** Adds a whole version to the store. */
  readonly addVersion: (world: W, version: number) => unknown;
  /** Takes a version out of the store; never the last. */
  readonly removeVersion?: ((world: W, version: number) => unknown) | undefined;
  /** Changes the bytes of a version, to what they were never before. */
  readonly changeVersion?: ((world: W, version: number) => unknown) | undefined;
  /** Adds to the store what is no version. */
  readonly addJunk?: ((world: W) => unknown) | undefined;
  /** Makes the store fail, as a network or a disk does for a while. Without `look`: until the source has met it. */
  readonly breakStore?: ((world: W) => unknown) | undefined;
  /** Lets the store work again. */
  readonly mendStore?: ((world: W) => unknown) | undefined;
  /** Reads what the data of a version stands for: plain data, the same for the same bytes. */
  readonly read?: ((data: D) => unknown) | undefined;
  /** How often the store was asked for anything, ever. */
  readonly accesses?: ((world: W) => number) | undefined;
  /** What of all sources of this world is at work: timers, watches, requests; waits for what only has to come back. */
  readonly atWork?: ((world: W) => number | Promise<number>) | undefined;
  /**
   * Makes every source that is subscribed to look now, and resolves when they have looked and said what they saw. Leave
   * it out for a source that looks by itself soon: then lists are waited for.
   */
  readonly look?: ((world: W) => Promise<void>) | undefined;
}

/** What every {@link Source} does: end states, never a number of emissions. */
export function sourceContract<W extends AsyncDisposable, D>(subject: SourceSubject<W, D>): readonly ContractCase[] {
  const { world: makeWorld, create, addVersion, look, read, atWork, accesses } = subject;
  const { removeVersion, changeVersion, addJunk, breakStore, mendStore } = subject;

  /** A list of which `holds` is true: after a look, or whenever it comes. All lists so far must be well formed. */
  const listed = async (world: W, watch: SourceWatch<D>, { wanted, holds }: Wanted<D>): Promise<AspiredVersions<D>> => {
    if (look !== undefined) await look(world);
    for (const each of watch.lists) claimWellFormed(each);
    const last = watch.lists.at(-1);
    if (look !== undefined && !(last !== undefined && holds(last))) {
      throw missed(wanted, watch.end === undefined ? "a look did not bring it" : `the stream ${watch.end}`, last);
    }
    const list = await watch.until(wanted, holds);
    for (const each of watch.lists) claimWellFormed(each);
    return list;
  };

  /** Runs `work` in a world with version 1, which the source has listed. */
  const watching = (work: (watched: Watched<W, D>) => Promise<void>) => async (): Promise<void> => {
    await using world = await makeWorld();
    await addVersion(world, 1);
    const source = create(world);
    using watch = watchSource(source);
    await listed(world, watch, exactly(1));
    await work({ world, source, watch });
  };

  /** Adds version 2 and waits until it is listed: what was to be seen before has been seen then. */
  const moveOn = async ({ world, watch }: Watched<W, D>): Promise<AspiredVersions<D>> => {
    await addVersion(world, 2);
    return listed(world, watch, exactly(1, 2));
  };

  return contractOf(
    "sourceContract",
    {
      "does nothing before it is subscribed to": needing({ accesses }, async ({ accesses }) => {
        await using world = await makeWorld();
        await addVersion(world, 1);
        const before = accesses(world);
        create(world);
        // As long as another one, in a world of its own, takes to look.
        await watching(async () => {})();
        claimSame(accesses(world) - before, 0, "accesses to the store of a source that nothing has subscribed to");
      }),
      "lists every version that is there, whole lists of numbers from 0 on": async () => {
        await using world = await makeWorld();
        for (const version of [0, 3, 10]) await addVersion(world, version);
        using watch = watchSource(create(world));
        await listed(world, watch, exactly(0, 3, 10));
      },
      "lists a new version beside those that stay": watching(async (watched) => void (await moveOn(watched))),
      "sees deletions": needing({ removeVersion }, ({ removeVersion }) =>
        watching(async (watched) => {
          await moveOn(watched);
          await removeVersion(watched.world, 1);
          await listed(watched.world, watched.watch, exactly(2));
        })(),
      ),
      "gives changed bytes another revision": needing({ changeVersion }, ({ changeVersion }) =>
        watching(async ({ world, watch }) => {
          const revisions = new Set([""]);
          for (let round = 0; round < 3; round++) {
            const wanted = `version 1 with a revision that it never had`;
            const holds = ({ versions }: AspiredVersions<D>): boolean =>
              versions.some((each) => each.version === 1 && "revision" in each && !revisions.has(each.revision ?? ""));
            revisions.add(versionIn(await listed(world, watch, { wanted, holds }), 1).revision ?? "");
            await changeVersion(world, 1);
          }
        })(),
      ),
      "says the same of the same world": watching(async (watched) => {
        const { world, watch } = watched;
        const first = inShort(await listed(world, watch, exactly(1)));
        for (let times = 0; times < 3; times++) await look?.(world);
        await moveOn(watched);
        const others = watch.lists.filter((list) => versionsOf(list).join() === "1" && inShort(list) !== first);
        claimSame(others.map(inShort), [], `lists other than "${first}" while the store stayed as it was`);
      }),
      "tells what it has passed over, and why": needing({ addJunk }, ({ addJunk }) =>
        watching(async ({ world, watch }) => {
          await addJunk(world);
          const holds = ({ skipped = [] }: AspiredVersions<D>): boolean => skipped.length > 0;
          const list = await listed(world, watch, { wanted: "version 1 and an entry that is skipped", holds });
          claimSame(versionsOf(list), [1], "the versions beside an entry that is none");
        })(),
      ),
      "survives a passing fault of its store": needing({ breakStore, mendStore }, ({ breakStore, mendStore }) =>
        watching(async (watched) => {
          await breakStore(watched.world);
          await look?.(watched.world);
          claim(watched.watch.end === undefined, `the stream ${watched.watch.end} at a passing fault`);
          await mendStore(watched.world);
          await moveOn(watched);
        })(),
      ),
      "keeps its list through a passing fault of its store": needing(
        { breakStore, mendStore },
        ({ breakStore, mendStore }) =>
          watching(async (watched) => {
            await breakStore(watched.world);
            await look?.(watched.world);
            await mendStore(watched.world);
            await moveOn(watched);
            const without = watched.watch.lists.filter((list) => !versionsOf(list).includes(1));
            claimSame(without.map(inShort), [], "lists without version 1, which was there all the time");
          })(),
      ),
      "keeps the data of an unchanged version usable": needing({ read }, ({ read }) =>
        watching(async (watched) => {
          const before = versionIn(await listed(watched.world, watched.watch, exactly(1)), 1);
          const wanted = await read(before.data);
          const after = versionIn(await moveOn(watched), 1);
          claimSame(await read(before.data), wanted, "what the data of the first list gives after the second");
          claimSame(await read(after.data), wanted, "what the data of the second list gives");
        })(),
      ),
      "tells each subscriber everything": watching(async ({ world, source }) => {
        using other = watchSource(source);
        await listed(world, other, exactly(1));
      }),
      "starts anew for a later subscriber": watching(async ({ world, source, watch }) => {
        watch[Symbol.dispose]();
        using other = watchSource(source);
        await listed(world, other, exactly(1));
      }),
      "goes on for the others when a subscriber leaves": watching(async (watched) => {
        const { world, source, watch } = watched;
        using other = watchSource(source);
        await listed(world, other, exactly(1));
        watch[Symbol.dispose]();
        await moveOn({ ...watched, watch: other });
        claim(!watch.lists.some((list) => versionsOf(list).includes(2)), "a list came after the unsubscription");
      }),
      "ends its work when it is unsubscribed from": needing({ atWork }, ({ atWork }) =>
        watching(async ({ world, source, watch }) => {
          watch[Symbol.dispose]();
          claimSame(await atWork(world), 0, "what is at work after the unsubscription");
          watchSource(source)[Symbol.dispose]();
          claimSame(await atWork(world), 0, "what is at work after an unsubscription right after the subscription");
        })(),
      ),
      "ends its work when it is unsubscribed from at its first list": needing({ atWork }, async ({ atWork }) => {
        await using world = await makeWorld();
        await addVersion(world, 1);
        using watch = watchSource(create(world).pipe(take(1)));
        await look?.(world);
        await watch.until("some versions", () => true);
        claimSame(await atWork(world), 0, `what is at work after ${short(watch.end)}`);
      }),
    },
    subject,
  );
}

interface Watched<W, D> {
  readonly world: W;
  readonly source: Source<D>;
  readonly watch: SourceWatch<D>;
}

interface Wanted<D> {
  readonly wanted: string;
  readonly holds: (list: AspiredVersions<D>) => boolean;
}

/** A list of these versions and no other. */
function exactly(...versions: readonly number[]): Wanted<unknown> {
  const text = versions.join();
  return { wanted: `version ${versions.join(" and ")}`, holds: (list) => versionsOf(list).join() === text };
}
