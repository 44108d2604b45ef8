import { loadContext } from "@servable/core/testing";
import { describe, expect, it, vi } from "vitest";
import { weightBytesIn } from "../engine/weight-bytes.js";
import { savedModel } from "../index.js";
import { fixtureFiles } from "../testing/fixture-files.js";
import { goldenCalls } from "../testing/golden.js";
import { tensorFlowLibrary } from "../testing/tensorflow-library.js";
import type { CApi } from "./c-api.js";
import { openLibrary } from "./library.js";

const library = tensorFlowLibrary();

/** What is made and what gives it back. */
const PAIRS: readonly (readonly [keyof CApi, keyof CApi])[] = [
  ["loadSession", "deleteSession"],
  ["newGraph", "deleteGraph"],
  ["newStatus", "deleteStatus"],
  ["newSessionOptions", "deleteSessionOptions"],
  ["listDevices", "deleteDevices"],
  ["newBuffer", "deleteBuffer"],
];

/** How often TensorFlow was asked, from now on. */
function counting(api: CApi): (name: keyof CApi) => number {
  const spies = new Map(PAIRS.flat().map((name) => [name, vi.spyOn(api, name as "newGraph")]));
  return (name) => spies.get(name)?.mock.calls.length ?? 0;
}

const MODEL = "multi/1";

describe.skipIf(library === undefined)("the memory of a native model", () => {
  const load = async (native = {}, model = MODEL) => {
    const loader = savedModel({ engine: "native", native: { ...native, library: library ?? "" }, timeoutMs: 60_000 });
    return loader(fixtureFiles(model)).load(loadContext());
  };

  it("is estimated from its files, measured by its resident set, and at least its weights", async () => {
    const files = fixtureFiles("mnist/1");
    const weights = weightBytesIn((await (await files.open(loadContext())).list()) ?? []);
    const loader = savedModel({ engine: "native", native: { library: library ?? "" } })(files);
    expect(await loader.estimateResources?.(loadContext())).toEqual({ memoryBytes: 2 * weights });
    await using loaded = await loader.load(loadContext());
    const { rssBytes, deviceBytes } = loaded.describe?.() ?? {};
    expect(rssBytes).toBeGreaterThanOrEqual(0);
    expect(deviceBytes).toEqual({});
    expect(loaded.resources).toEqual({ memoryBytes: Math.max(weights, Number(rssBytes)) });
  });

  it.each([{}, { interOpThreads: 1 }])("is given back whole by the unload (%j)", async (native) => {
    // The meter of devices is made with the first model.
    await (await load())[Symbol.asyncDispose]();
    const { api } = await openLibrary(library ?? "");
    const count = counting(api);
    const loaded = await load(native);
    const calls = goldenCalls(MODEL);
    await Promise.all(calls.map(({ signature, inputs }) => loaded.servable.predict(inputs, { signature })));
    expect([count("loadSession"), count("deleteSession")]).toEqual([1, 0]);
    await loaded[Symbol.asyncDispose]();
    await loaded[Symbol.asyncDispose]();
    for (const [made, givenBack] of PAIRS) expect([made, count(made)]).toEqual([made, count(givenBack)]);
    expect(count("deleteSession")).toBe(1);
    vi.restoreAllMocks();
  });

  it("is given back by a load that fails", async () => {
    const { api } = await openLibrary(library ?? "");
    const count = counting(api);
    const files = fixtureFiles(MODEL, (name, bytes) => (name.startsWith("variables/") ? bytes.slice(0, 9) : undefined));
    const loader = savedModel({ engine: "native", native: { library: library ?? "" } })(files);
    await expect(loader.load(loadContext())).rejects.toMatchObject({ message: expect.stringContaining("m/1") });
    expect([count("newGraph"), count("newStatus"), count("newSessionOptions")]).toEqual([
      count("deleteGraph"),
      count("deleteStatus"),
      count("deleteSessionOptions"),
    ]);
    vi.restoreAllMocks();
  });
});
