import { ServingError } from "@servable/core";
import { describe, expect, it } from "vitest";
import { autoEngine, type Candidate } from "./auto-engine.js";
import type { EngineModel, EngineName, OpenRequest } from "./engine.js";

const request: OpenRequest = {
  id: { name: "mnist", version: 1 },
  files: { list: async () => [], read: async () => new Uint8Array(0), async [Symbol.asyncDispose]() {} },
  tags: ["serve"],
  signal: new AbortController().signal,
  report: () => {},
};

class Candidates {
  readonly looked: EngineName[] = [];
  readonly opened: EngineName[] = [];

  of(name: EngineName, refusal?: Error): Candidate {
    const model: EngineModel = {
      signatures: {},
      concurrency: 1,
      resources: {},
      describe: () => ({ engine: name }),
      run: async () => ({}),
      close: async () => {},
    };
    return {
      name,
      engine: {
        estimate: () => ({ memoryBytes: name.length }),
        open: async () => {
          this.opened.push(name);
          return model;
        },
      },
      found: async () => {
        this.looked.push(name);
        if (refusal !== undefined) throw refusal;
        return "it is there";
      },
    };
  }
}

const missing = (what: string): ServingError => new ServingError("FAILED_PRECONDITION", `${what} is missing`);

describe("the engine auto", () => {
  it("takes the first engine that has what it needs, and says why in the progress and in describe()", async () => {
    const candidates = new Candidates();
    const engine = autoEngine([
      candidates.of("native", missing("the library")),
      candidates.of("tfjs-node"),
      candidates.of("portable"),
    ]);
    const stages: string[] = [];
    const model = await engine.open({ ...request, report: ({ stage }) => stages.push(stage) });
    const because = "engine tfjs-node: it is there; not native, since the library is missing";
    expect(stages).toEqual([because]);
    expect(model.describe()).toEqual({ engine: "tfjs-node", because });
    expect(await engine.estimate([])).toEqual({ memoryBytes: "tfjs-node".length });
  });

  it("looks for nothing before the first model, and once", async () => {
    const candidates = new Candidates();
    const engine = autoEngine([candidates.of("native", missing("it")), candidates.of("portable")]);
    expect(candidates.looked).toEqual([]);
    await Promise.all([engine.open(request), engine.estimate([]), engine.open(request)]);
    expect(candidates.looked).toEqual(["native", "portable"]);
    expect(candidates.opened).toEqual(["portable", "portable"]);
  });

  it("fails with every reason where no engine does", async () => {
    const candidates = new Candidates();
    const engine = autoEngine([candidates.of("native", missing("one")), candidates.of("portable", missing("two"))]);
    await expect(engine.open(request)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/native.*one is missing.*portable.*two is missing/),
    });
  });

  it("does not hide a fault behind another engine", async () => {
    const fault = new TypeError("a fault");
    const candidates = new Candidates();
    const engine = autoEngine([candidates.of("native", fault), candidates.of("portable")]);
    await expect(engine.open(request)).rejects.toBe(fault);
    expect(candidates.opened).toEqual([]);
  });
});
