import { describe, it } from "vitest";
import { sourceContract } from "../testing/contract/source-contract.js";
import { type ManualClock, manualClock } from "../testing/manual-clock.js";
import { turn } from "../testing/stage.js";
import { type ControllableSource, controllableSource } from "./controllable-source.js";
import { pollSource } from "./poll-source.js";
import type { AspiredVersion } from "./source.js";
import { staticSource } from "./static-source.js";

interface Data {
  readonly bytes: string;
}

/** Versions with their bytes, and the source under test in the hands of the app. */
class World implements AsyncDisposable {
  readonly versions = new Map<number, string>();
  readonly clock: ManualClock = manualClock();
  readonly control: ControllableSource<Data> = controllableSource();
  junk = false;
  broken = false;
  looks = 0;
  running = 0;

  list(): readonly AspiredVersion<Data>[] {
    return [...this.versions].map(([version, bytes]) => ({ version, revision: bytes, data: { bytes } }));
  }

  set(version: number, bytes: string): void {
    this.versions.set(version, bytes);
    this.control.add("m", { version, revision: bytes, data: { bytes } });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const store = {
  world: () => new World(),
  addVersion: (world: World, version: number) => world.set(version, `${version}`),
  removeVersion: (world: World, version: number) => {
    world.versions.delete(version);
    world.control.remove("m", version);
  },
  changeVersion: (world: World, version: number) => world.set(version, `${world.versions.get(version)}, changed`),
  addJunk: (world: World) => {
    world.junk = true;
    world.control.set({ name: "m", versions: world.list(), skipped: [{ entry: "tmp", reason: "no number" }] });
  },
  read: ({ bytes }: Data) => bytes,
};

describe("pollSource", () => {
  const cases = sourceContract<World, Data>({
    ...store,
    create: (world) =>
      pollSource({
        name: "m",
        clock: world.clock,
        look: async () => {
          world.looks++;
          world.running++;
          await Promise.resolve();
          world.running--;
          if (world.broken) throw new Error("the store failed");
          const skipped = world.junk ? [{ entry: "tmp", reason: "no number" }] : [];
          return { name: "m", versions: world.list(), skipped };
        },
      }),
    breakStore: (world) => {
      world.broken = true;
    },
    mendStore: (world) => {
      world.broken = false;
    },
    accesses: ({ looks }) => looks,
    atWork: async (world) => {
      await turn();
      return world.clock.scheduled + world.running;
    },
    // Looks begin and end in microtasks, and no pause is longer than a minute.
    look: async ({ clock }) => {
      await turn();
      clock.advance(60_000);
      await turn();
    },
  });
  for (const { name, run } of cases) it(name, run);
});

describe("controllableSource", () => {
  const cases = sourceContract<World, Data>({
    ...store,
    create: ({ control }) => control.lists$,
    skip: {
      "does nothing before it is subscribed to": "it does nothing afterwards either: the app does",
      "survives a passing fault of its store": "it has no store",
      "keeps its list through a passing fault of its store": "it has no store",
      "ends its work when it is unsubscribed from": "it has no work",
      "ends its work when it is unsubscribed from at its first list": "it has no work",
    },
  });
  for (const { name, run } of cases) it(name, run);
});

describe("staticSource", () => {
  const unchanging = "its models never change";
  const cases = sourceContract<World, Data>({
    world: store.world,
    create: ({ versions }) =>
      staticSource({ m: Object.fromEntries([...versions].map(([version, bytes]) => [version, { bytes }])) }),
    addVersion: store.addVersion,
    accesses: () => 0,
    atWork: () => 0,
    skip: {
      "lists a new version beside those that stay": unchanging,
      "sees deletions": unchanging,
      "gives changed bytes another revision": unchanging,
      "says the same of the same world": unchanging,
      "tells what it has passed over, and why": "it refuses what is no version",
      "survives a passing fault of its store": "it has no store",
      "keeps its list through a passing fault of its store": "it has no store",
      "keeps the data of an unchanged version usable": unchanging,
      "goes on for the others when a subscriber leaves": unchanging,
    },
  });
  for (const { name, run } of cases) it(name, run);
});
