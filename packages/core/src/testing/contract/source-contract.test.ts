import { Observable, Subject, share } from "rxjs";
import { describe, expect, it } from "vitest";
import type { AspiredVersion, AspiredVersions, Source } from "../../source/source.js";
import type { ContractCase } from "./contract.js";
import { contractProof } from "./contract-proof.js";
import { type SourceSubject, sourceContract } from "./source-contract.js";
import { watchSource } from "./source-watch.js";

const WHOLE = "lists every version that is there, whole lists of numbers from 0 on";
const FAULTS = {
  "looks before it is asked to": "does nothing before it is subscribed to",
  "lists versions as text": WHOLE,
  "lists a version twice": WHOLE,
  "leaves version 0 out": WHOLE,
  "lists half a version": WHOLE,
  "lists data beside an error": WHOLE,
  "has no name": WHOLE,
  "notes what is no text": WHOLE,
  "lists only what is new": "lists a new version beside those that stay",
  "looks once": "lists a new version beside those that stay",
  "never forgets": "sees deletions",
  "takes the version for its revision": "gives changed bytes another revision",
  "has no revision": "gives changed bytes another revision",
  "gives a revision for each look": "says the same of the same world",
  "says nothing of what it skips": "tells what it has passed over, and why",
  "skips without a reason": "tells what it has passed over, and why",
  "takes junk for a version": "tells what it has passed over, and why",
  "fails when its store fails": "survives a passing fault of its store",
  "ends when its store fails": "survives a passing fault of its store",
  "stops looking when its store fails": "survives a passing fault of its store",
  "lists nothing when its store fails": "keeps its list through a passing fault of its store",
  "lists errors when its store fails": "keeps its list through a passing fault of its store",
  "closes the data of the list before": "keeps the data of an unchanged version usable",
  "ends for all when one leaves": "goes on for the others when a subscriber leaves",
  "speaks to the first alone": "tells each subscriber everything",
  "remembers what it said to others": "starts anew for a later subscriber",
  "goes on looking": "ends its work when it is unsubscribed from",
  "begins after it has ended": "ends its work when it is unsubscribed from",
  "plans its next look after its last list": "ends its work when it is unsubscribed from at its first list",
} as const;

type Fault = keyof typeof FAULTS;

/** What stands for the bytes of a version. */
interface Data {
  bytes: string | undefined;
}

/** A store in memory, and the sources that look at it when they are told to. */
class World implements AsyncDisposable {
  readonly store = new Map<number, string>();
  readonly lookers = new Set<() => void>();
  junk = false;
  broken = false;
  changes = 0;
  accesses = 0;

  async [Symbol.asyncDispose](): Promise<void> {}
}

type List = AspiredVersions<Data, "m">;

function storeSource(world: World, fault: Fault | undefined): Source<Data, "m"> {
  const told = new Set<number>();
  let said = "";
  let looks = 0;
  let subscribers = 0;

  const versionOf = ([version, bytes]: readonly [number, string]): AspiredVersion<Data> => {
    const data = { bytes };
    if (fault === "lists half a version") return { version } as AspiredVersion<Data>;
    if (fault === "has no revision") return { version, data };
    if (fault === "lists data beside an error") return { version, data, error: "no" };
    const revision = fault === "takes the version for its revision" ? `${version}` : bytes;
    const shown = fault === "lists versions as text" ? (String(version) as unknown as number) : version;
    return { version: shown, revision: fault === "gives a revision for each look" ? `${looks}` : revision, data };
  };
  const list = (): List => {
    world.accesses++;
    looks++;
    const found = [...world.store].filter(([version]) => version > 0 || fault !== "leaves version 0 out");
    for (const [version] of found) told.add(version);
    const gone = fault === "never forgets" ? [...told].filter((version) => !world.store.has(version)) : [];
    const junk = fault === "takes junk for a version" && world.junk ? [[77, "junk"] as const] : [];
    const all = [...found, ...gone.map((version) => [version, "gone"] as const), ...junk].map(versionOf);
    const reason = fault === "skips without a reason" ? "" : "it has no number";
    return {
      name: fault === "has no name" ? ("" as "m") : "m",
      versions: fault === "lists a version twice" ? [...all, ...all] : all,
      ...(world.junk && fault !== "says nothing of what it skips" && { skipped: [{ entry: "tmp", reason }] }),
      ...(fault === "notes what is no text" && { notes: [1 as unknown as string] }),
    };
  };

  if (fault === "looks before it is asked to") list();
  const source = new Observable<List>((subscriber) => {
    let last: List | undefined;
    let known = new Set<number>();
    let own = "";
    const serial = ++subscribers;
    const next = (): void => {
      const found = list();
      const text = JSON.stringify(found);
      if (text === (fault === "remembers what it said to others" ? said : own)) return;
      own = text;
      said = text;
      const fresh = found.versions.filter(({ version }) => !known.has(version));
      known = new Set(found.versions.map(({ version }) => version));
      if (fault === "closes the data of the list before") {
        for (const each of last?.versions ?? []) if ("data" in each) each.data.bytes = undefined;
      }
      last = found;
      if (fault === "speaks to the first alone" && serial > 1) return;
      subscriber.next(fault === "lists only what is new" ? { ...found, versions: fresh } : found);
    };
    const look = (): void => {
      if (!world.broken) return next();
      if (fault === "fails when its store fails") subscriber.error(new Error("the store failed"));
      if (fault === "ends when its store fails") subscriber.complete();
      if (fault === "lists nothing when its store fails") subscriber.next({ name: "m", versions: [] });
      if (fault === "stops looking when its store fails") world.lookers.delete(look);
      const failed = [...world.store.keys()].map((version) => ({ version, error: new Error("the store failed") }));
      if (fault === "lists errors when its store fails") subscriber.next({ name: "m", versions: failed });
    };
    const plan = (): void => void world.lookers.add(look);
    const begin = (): void => {
      if (fault === "plans its next look after its last list") {
        look();
        plan();
        return;
      }
      plan();
      look();
      if (fault === "looks once") world.lookers.delete(look);
    };
    // Not within the subscription, as a source that awaits its first look.
    queueMicrotask(() => {
      if (!subscriber.closed || fault === "begins after it has ended") begin();
    });
    return () => {
      if (fault !== "goes on looking") world.lookers.delete(look);
    };
  });
  if (fault !== "ends for all when one leaves") return source;
  const only = new Subject<void>();
  return new Observable<List>((subscriber) => {
    const subscription = source.subscribe(subscriber);
    const closing = only.subscribe(() => subscription.unsubscribe());
    return () => {
      closing.unsubscribe();
      only.next();
    };
  });
}

const subjectOf = (fault?: Fault): SourceSubject<World, Data> => ({
  world: () => new World(),
  create: (world) => storeSource(world, fault),
  addVersion: ({ store }, version) => store.set(version, `bytes of ${version}`),
  removeVersion: ({ store }, version) => store.delete(version),
  changeVersion: (world, version) => world.store.set(version, `change ${++world.changes}`),
  addJunk: (world) => {
    world.junk = true;
  },
  breakStore: (world) => {
    world.broken = true;
  },
  mendStore: (world) => {
    world.broken = false;
  },
  read: ({ bytes }) => bytes,
  accesses: ({ accesses }) => accesses,
  atWork: async ({ lookers }) => {
    await Promise.resolve();
    return lookers.size;
  },
  look: async ({ lookers }) => {
    await Promise.resolve();
    for (const look of lookers) look();
  },
});

const contract = (fault?: Fault): readonly ContractCase[] => sourceContract(subjectOf(fault));

for (const { name, run } of contractProof(contract, FAULTS)) it(name, run);

describe("a source that looks by itself", () => {
  const { look: _, ...subject } = subjectOf();
  const lookAll = ({ lookers }: World): void => {
    for (const look of lookers) look();
  };
  const cases = sourceContract({
    ...subject,
    addVersion: (world, version) => {
      subject.addVersion(world, version);
      lookAll(world);
    },
    removeVersion: (world, version) => {
      subject.removeVersion?.(world, version);
      lookAll(world);
    },
    changeVersion: (world, version) => {
      subject.changeVersion?.(world, version);
      lookAll(world);
    },
    addJunk: (world) => {
      subject.addJunk?.(world);
      lookAll(world);
    },
  });
  for (const { name, run } of cases) it(name, run);
});

it("takes a shared source for what it is: one that is hot for its later subscribers", async () => {
  const make = (world: World): Source<Data> => storeSource(world, undefined).pipe(share());
  const cases = sourceContract({ ...subjectOf(), create: make });
  const failing: string[] = [];
  for (const { name, run } of cases) await run().catch(() => failing.push(name));
  expect(failing).toEqual(["tells each subscriber everything", "goes on for the others when a subscriber leaves"]);
});

it("stops waiting when the stream ends", async () => {
  const subject = new Subject<AspiredVersions<Data>>();
  using watch = watchSource(subject);
  const waiting = watch.until("version 1", () => false);
  subject.next({ name: "m", versions: [{ version: 2, error: new Error("no") }] });
  subject.complete();
  await expect(waiting).rejects.toThrow(
    "wanted a list of version 1, but the stream completed; the last one has 2 (Error: no)",
  );
});
