import { type AspiredVersions, createManager, type Loader, ServingError } from "@servable/core";
import { gatedLoader } from "@servable/core/testing";
import { NEVER, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { getModelMetadata } from "./model-metadata.js";
import { getModelStatus } from "./model-status.js";
import { fakePredictor, served } from "./testing/served.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function staged(): { manager: ReturnType<typeof make>; source: Subject<AspiredVersions<Loader<unknown>>> } {
  const source = new Subject<AspiredVersions<Loader<unknown>>>();
  return { manager: make(source), source };
}
const make = (source: Subject<AspiredVersions<Loader<unknown>>>): ReturnType<typeof createManager> =>
  createManager({ code: source }, { retry: { attempts: 0 } });

describe("getModelStatus", () => {
  it("lists versions in every state, the highest first, with the error of a failed one", async () => {
    const { manager, source } = staged();
    const [open, failing, slow] = [gatedLoader({ open: true }), gatedLoader(), gatedLoader()];
    const versions = [open, failing, slow].map((data, index) => ({ version: index + 1, data }));
    source.next({ name: "m", versions });
    await turn();
    failing.pending[0]?.fail(new Error("no file"));
    await turn();
    const { model, versions: all } = getModelStatus(manager, { model: "m" });
    expect([model, all.map(({ version, state }) => [version, state])]).toEqual([
      "m",
      [
        [3, expect.stringMatching(/START|LOADING/)],
        [2, "END"],
        [1, "AVAILABLE"],
      ],
    ]);
    expect(all.map(({ error }) => error?.code)).toEqual([undefined, "LOAD_FAILED", undefined]);
    expect(getModelStatus(manager, { model: "m", version: 2 }).versions).toEqual([all[1]]);
  });

  it.each([
    [{ model: "nope" }, "NOT_FOUND", "no model is named nope; there is m"],
    [{ model: "m", version: 9 }, "NOT_FOUND", "m has no version 9; available: 3"],
    [{ model: "m", version: -1 }, "INVALID_ARGUMENT", "-1 is not a version"],
    [{ model: "m", label: "l" }, "NOT_FOUND", "m has no label l; it has none"],
  ])("refuses %o", async (spec, code, message) => {
    const { manager } = await served({});
    expect(() => getModelStatus(manager, spec)).toThrow(message);
    await expect(getModelMetadata(manager, spec)).rejects.toThrow(message);
    expect(codeOf(() => getModelStatus(manager, spec))).toBe(code);
  });

  it("does not say that a model does not exist while a source has not spoken", () => {
    const manager = createManager({ code: NEVER });
    expect(codeOf(() => getModelStatus(manager, { model: "m" }))).toBe("NOT_AVAILABLE");
  });
});

describe("getModelMetadata", () => {
  it("gives the signatures of the version that serves", async () => {
    const signatures = { serving_default: { inputs: {}, outputs: {}, methodName: "p" } };
    const { manager } = await served(fakePredictor(signatures));
    expect(await getModelMetadata(manager, { model: "m" })).toEqual({ id: { name: "m", version: 3 }, signatures });
    await manager.close();
  });

  it("refuses a known model without an available version", async () => {
    const { manager, source } = staged();
    source.next({ name: "m", versions: [{ version: 1, data: gatedLoader() }] });
    await turn();
    await expect(getModelMetadata(manager, { model: "m" })).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
    await expect(getModelMetadata(manager, { model: "m", version: 1 })).rejects.toMatchObject({
      code: "NOT_AVAILABLE",
    });
  });

  it("refuses a servable that is no predictor, and holds nothing after that", async () => {
    const { manager, released } = await served(new Map());
    await expect(getModelMetadata(manager, { model: "m" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await manager.close();
    expect(released()).toBe(1);
  });
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (ServingError.is(error)) return error.code;
  }
  return "none";
}
