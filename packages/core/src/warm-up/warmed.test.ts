import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import { ServingError } from "../errors.js";
import type { Loaded, Loader } from "../loader.js";
import { createManager } from "../manager/create-manager.js";
import type { NamedTensors, PredictOptions, Predictor } from "../predictor.js";
import { tensor } from "../tensor/nested.js";
import { loadContext } from "../testing/load-context.js";
import { warmed } from "./warmed.js";

const x = tensor([1]);
const y = tensor([2]);

interface Seen {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions | undefined;
}

interface World {
  readonly loader: Loader<Predictor>;
  readonly seen: Seen[];
  disposed: number;
}

/** A loader of a predictor that answers what `predict` says, and tells what it was asked. */
function world(predict: (call: number) => unknown = () => ({}), parts: Partial<Loader<Predictor>> = {}): World {
  const made: World = {
    seen: [],
    disposed: 0,
    loader: {
      ...parts,
      load: async () => ({
        servable: {
          signatures: {},
          async predict(inputs, options) {
            const number = made.seen.push({ inputs, options });
            await predict(number);
            return {};
          },
        },
        async [Symbol.asyncDispose]() {
          made.disposed++;
        },
      }),
    },
  };
  return made;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => undefined).catch((error: unknown) => error);

describe("warmed", () => {
  it("makes the calls in order, each as often as is said, before the load resolves", async () => {
    const { loader, seen } = world();
    const calls = [{ inputs: { x } }, { inputs: { y }, signature: "other", outputs: ["z"] }];
    const signal = new AbortController().signal;
    await warmed(loader, calls, { iterations: 2 }).load(loadContext({ signal }));
    const [first, second] = [
      { inputs: { x }, options: { signal } },
      { inputs: { y }, options: { signature: "other", outputs: ["z"], signal } },
    ];
    expect(seen).toEqual([first, first, second, second]);
  });

  it("makes as many calls at once as there are copies, and the next when all have settled", async () => {
    const gates: (() => void)[] = [];
    const { loader, seen } = world(() => new Promise<void>((resolve) => gates.push(resolve)));
    const load = warmed(loader, [{ inputs: { x } }, { inputs: { y } }], { copies: 3 }).load(loadContext());
    await settled();
    expect(seen.map(({ inputs }) => inputs)).toEqual([{ x }, { x }, { x }]);
    gates[0]?.();
    gates[2]?.();
    await settled();
    expect(seen).toHaveLength(3);
    gates[1]?.();
    await settled();
    expect(seen.slice(3).map(({ inputs }) => inputs)).toEqual([{ y }, { y }, { y }]);
    for (const open of gates) open();
    await load;
  });

  it("is not available before the last call has settled", async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { loader } = world(() => gate);
    const data = warmed(loader, [{ inputs: {} }]);
    const manager = createManager({ code: of({ name: "m", versions: [{ version: 1, data }] }) });
    await settled();
    expect(manager.snapshot().models[0]?.versions[0]?.state).toBe("LOADING");
    open();
    await manager.whenAvailable("m");
    await manager.close();
  });

  it("makes its calls of what was loaded", async () => {
    const { loader, seen } = world();
    const of = ({ signatures }: Predictor) => [{ inputs: {}, signature: Object.keys(signatures).join() || "none" }];
    await warmed(loader, of).load(loadContext());
    expect(seen[0]?.options?.signature).toBe("none");
  });

  it.each<[unknown, string, boolean]>([
    [new Error("boom"), "INTERNAL", false],
    [new ServingError("RESOURCE_EXHAUSTED", "boom"), "RESOURCE_EXHAUSTED", true],
    [new ServingError("INVALID_ARGUMENT", "boom"), "INVALID_ARGUMENT", false],
  ])(
    "fails the load by the first call that fails, releases what was loaded, and says which: %s",
    async (thrown, code, retryable) => {
      const made = world((call) => {
        if (call === 2) throw thrown;
      });
      const calls = [{ inputs: {} }, { inputs: {}, signature: "s" }, { inputs: {} }];
      const error = await failure(warmed(made.loader, calls).load(loadContext()));
      expect(error).toMatchObject({ code, retryable, message: "m/1: warm-up call 1, signature s: boom" });
      expect([made.seen.length, made.disposed]).toEqual([2, 1]);
    },
  );

  it("waits for the copies of a call before it releases what they run in", async () => {
    let open = (): void => {};
    const made: World = world((call) => {
      if (call === 1) throw new Error("boom");
      return new Promise<void>((resolve) => {
        open = resolve;
      });
    });
    const load = failure(warmed(made.loader, [{ inputs: {} }], { copies: 2 }).load(loadContext()));
    await settled();
    expect(made.disposed).toBe(0);
    open();
    await load;
    expect(made.disposed).toBe(1);
  });

  it("stops with the reason of the abort, and releases what was loaded", async () => {
    const abort = new AbortController();
    const reason = new Error("no longer wanted");
    const made = world(() => abort.abort(reason));
    const context = loadContext({ signal: abort.signal });
    expect(await failure(warmed(made.loader, [{ inputs: {} }, { inputs: {} }]).load(context))).toBe(reason);
    expect([made.seen.length, made.disposed]).toEqual([1, 1]);
  });

  it("keeps what a loader says beside loading, and only that", async () => {
    const parts = { dependencies: [{ name: "part" }], estimateResources: () => ({ memoryBytes: 7 }) };
    const full = warmed(world(undefined, parts).loader, []);
    expect([full.dependencies, await full.estimateResources?.(loadContext())]).toEqual([
      parts.dependencies,
      { memoryBytes: 7 },
    ]);
    expect(Object.keys(warmed(world().loader, []))).toEqual(["load"]);
  });

  it("gives the loaded version itself", async () => {
    const loaded: Loaded<Predictor> = await world().loader.load(loadContext());
    expect(await warmed({ load: async () => loaded }, []).load(loadContext())).toBe(loaded);
  });

  it.each([{ iterations: 0 }, { copies: 0.5 }, { iterations: Number.NaN }])("refuses %o at once", (options) => {
    expect(() => warmed(world().loader, [], options)).toThrow(/must be a positive integer/);
  });
});

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
