import { it } from "vitest";
import type { LoadContext, Loaded, Loader } from "../../loader.js";
import type { ContractCase } from "./contract.js";
import { contractProof } from "./contract-proof.js";
import { loaderContract } from "./loader-contract.js";

const FAULTS = {
  "loads what does not work": "loads a servable that works",
  "ends all that it loaded with one disposal": "keeps a servable working when another load of it is disposed",
  "throws at a second disposal": "is disposed once, however often it is asked to",
  "keeps what it holds after disposal": "holds nothing any more once it is disposed",
  "gives back more than it took": "holds nothing any more once it is disposed",
  "holds before it loads": "holds nothing any more once it is disposed",
  "loads for a signal that has aborted": "does not load for a signal that has aborted, and fails with its reason",
  "wraps the reason of an abort": "fails with its signal's reason when that aborts meanwhile",
  "keeps what it holds when it is aborted": "holds nothing after loads that were aborted",
  "fails for good once it has failed": "loads after a load that has failed",
  "fails without a message": "loads after a load that has failed",
  "keeps what it holds when it fails": "holds nothing after a load that has failed",
  "estimates what is no number": "tells what it takes as numbers from 0 on",
  "tells of a device with less than nothing": "tells what it takes as numbers from 0 on",
  "describes itself in a Map": "describes what it loaded in plain data",
  "describes itself in bigints": "describes what it loaded in plain data",
  "reports more than there is": "reports progress that adds up",
  "reports no stage": "reports progress that adds up",
  "reports infinite progress": "reports progress that adds up",
  "borrows what it has not declared": "borrows only servables that it has declared, and gives them back",
  "keeps a handle": "borrows only servables that it has declared, and gives them back",
} as const;

type Fault = keyof typeof FAULTS;

class World implements AsyncDisposable {
  held = 0;
  broken = false;
  failed = false;
  ended = false;

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Twice {
  twice(value: number): number;
}

function twiceLoader(world: World, fault: Fault | undefined): Loader<Twice> {
  if (fault === "holds before it loads") world.held++;
  const checkAbort = ({ signal }: LoadContext): void => {
    if (signal.aborted && fault === "wraps the reason of an abort")
      throw new Error("stopped", { cause: signal.reason });
    if (fault !== "loads for a signal that has aborted") signal.throwIfAborted();
  };
  const work = async (context: LoadContext): Promise<void> => {
    const { report } = context;
    report({ stage: fault === "reports no stage" ? "" : "read", done: 1 });
    await Promise.resolve();
    checkAbort(context);
    const done = fault === "reports infinite progress" ? Number.POSITIVE_INFINITY : 2;
    report({ stage: "read", done, ...(fault !== "reports infinite progress" && { total: 2 }), unit: "bytes" });
    if (fault === "reports more than there is") report({ stage: "read", done: 3, total: 2 });
    await Promise.resolve();
    checkAbort(context);
  };
  return {
    dependencies: [{ name: "part" }],
    estimateResources: () => ({ memoryBytes: fault === "estimates what is no number" ? Number.NaN : 8 }),
    async load(context): Promise<Loaded<Twice>> {
      checkAbort(context);
      const handle = context.servables.acquire({
        name: fault === "borrows what it has not declared" ? "other" : "part",
      });
      world.held++;
      try {
        await work(context);
        if (world.broken || (world.failed && fault === "fails for good once it has failed")) {
          world.failed = true;
          throw new Error(fault === "fails without a message" ? "" : "there are no bytes");
        }
      } catch (error) {
        handle.release();
        const keeps = context.signal.aborted
          ? fault === "keeps what it holds when it is aborted"
          : fault === "keeps what it holds when it fails";
        if (!keeps) world.held--;
        throw error;
      }
      let disposed = false;
      return {
        servable: {
          twice(value) {
            const gone = fault === "ends all that it loaded with one disposal" ? world.ended : disposed;
            if (gone) throw new Error("it was disposed");
            return fault === "loads what does not work" ? value : 2 * value;
          },
        },
        resources: { memoryBytes: 8, devices: { gpu: fault === "tells of a device with less than nothing" ? -1 : 0 } },
        describe: () => ({
          engine: "none",
          more: fault === "describes itself in a Map" ? new Map([[1, 2]]) : [1],
          bytes: fault === "describes itself in bigints" ? 1n : 1,
        }),
        async [Symbol.asyncDispose]() {
          if (fault !== "keeps a handle") handle.release();
          if (disposed && fault === "throws at a second disposal") throw new Error("disposed twice");
          const gives = !disposed || fault === "gives back more than it took";
          if (gives && fault !== "keeps what it holds after disposal") world.held--;
          disposed = true;
          world.ended = true;
        },
      };
    },
  };
}

const contract = (fault?: Fault): readonly ContractCase[] =>
  loaderContract({
    world: () => new World(),
    create: (world) => twiceLoader(world, fault),
    check: ({ twice }) => {
      if (twice(2) !== 4) throw new Error("2 * 2 is not 4");
    },
    held: ({ held }) => held,
    breakLoads: (world) => {
      world.broken = true;
    },
    mendLoads: (world) => {
      world.broken = false;
    },
    servables: { part: 1, other: 2 },
  });

for (const { name, run } of contractProof(contract, FAULTS)) it(name, run);
