import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ServingError } from "@servable/core";
import { SavedModelError } from "@servable/saved-model";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { fixtures } from "../testing/golden.js";
import { compile } from "./compile.js";
import { PASSES } from "./optimize/passes.js";
import type { Program } from "./program.js";
import type { Device } from "./run/device.js";
import { wasmDevice } from "./run/wasm-device.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

type Files = Readonly<Record<string, Uint8Array>>;

async function filesOf(model: string): Promise<Files> {
  const names = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];
  if (existsSync(`${fixtures}/${model}/assets`)) names.push("assets/vocabulary.txt");
  const bytes = await Promise.all(names.map((name) => readFile(`${fixtures}/${model}/${name}`)));
  return Object.fromEntries(names.map((name, index) => [name, new Uint8Array(bytes[index] ?? [])]));
}

function compiled(files: Files, tags: readonly string[] = ["serve"]): Promise<Program> {
  const read = async (name: string, range?: { start: number; end: number }): Promise<Uint8Array> => {
    const bytes = files[name];
    if (bytes === undefined) throw new ServingError("NOT_FOUND", `there is no file ${name}`);
    return bytes.slice(range?.start, range?.end);
  };
  return compile({ read, tags, optimize: {}, device, report: () => {} });
}

/** The error of a compilation, which must be one of ours. */
async function failure(files: Files, tags?: readonly string[]): Promise<ServingError | SavedModelError | undefined> {
  try {
    await compiled(files, tags);
    return undefined;
  } catch (error) {
    if (ServingError.is(error) || error instanceof SavedModelError) return error;
    throw error;
  }
}

describe("an unsupported model", () => {
  it("is refused with every operation that cannot be run, where it is, and the way out", async () => {
    const error = await failure(await filesOf("unsupported/1"));
    expect(error?.code).toBe("UNSUPPORTED");
    for (const op of ["Svd", "FFT2D", "Betainc"]) {
      expect(error?.message).toMatch(new RegExp(`\\b${op} \\(PartitionedCall/`));
    }
    expect(error?.message).toContain("cannot run 3 of the model's operations");
    expect(error?.message).toContain('engine: "native"');
    // What can be run is not named.
    expect(error?.message).not.toMatch(/\b(AddV2|Abs|Complex) \(/);
  });
});

describe("tables", () => {
  it("need the files that they are filled from", async () => {
    const { "assets/vocabulary.txt": _file, ...rest } = await filesOf("tf1_control/1");
    expect(await failure(rest)).toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("assets/vocabulary.txt") as string,
    });
  });

  it.each([
    ["", "it is empty"],
    ["good\n\nserving\n", "line 2 is empty"],
    ["good\nmodel\ngood\n", "two values"],
  ])("are not filled from %j", async (text, message) => {
    const files = { ...(await filesOf("tf1_control/1")), "assets/vocabulary.txt": new TextEncoder().encode(text) };
    expect((await failure(files))?.message).toContain(message);
  });
});

describe("damaged files", () => {
  it("are DATA_LOSS or NOT_FOUND wherever saved_model.pb is cut", async () => {
    const files = await filesOf("mnist/1");
    const whole = files["saved_model.pb"] ?? new Uint8Array();
    expect(whole.length).toBeGreaterThan(1000);
    for (let length = 0; length < whole.length; length += 100) {
      const error = await failure({ ...files, "saved_model.pb": whole.slice(0, length) });
      expect(error?.code, `${length} bytes`).toMatch(/^(DATA_LOSS|NOT_FOUND)$/);
    }
  });

  it("are an error of ours for random bytes", async () => {
    const files = await filesOf("half_plus_two/1");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect(await failure({ ...files, "saved_model.pb": bytes })).toBeDefined();
      }),
    );
  });

  it("compile or give an error of ours wherever bytes are changed", async () => {
    const files = await filesOf("half_plus_two/1");
    const whole = files["saved_model.pb"] ?? new Uint8Array();
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = whole.slice();
        for (const [at, byte] of list) bytes[at] = byte;
        await failure({ ...files, "saved_model.pb": bytes });
      }),
      { numRuns: 300 },
    );
  });

  it("are found by the checksum where a shard is cut short or changed", async () => {
    const files = await filesOf("mnist/1");
    const name = "variables/variables.data-00000-of-00001";
    const shard = files[name] ?? new Uint8Array();
    const cut = await failure({ ...files, [name]: shard.slice(0, shard.length / 2) });
    expect(cut).toMatchObject({ code: "DATA_LOSS", message: expect.stringContaining("cut short") as string });
    const changed = shard.map((byte) => byte ^ 1);
    expect(await failure({ ...files, [name]: changed })).toMatchObject({
      code: "DATA_LOSS",
      message: expect.stringContaining("checksum") as string,
    });
  });

  it("are NOT_FOUND where a file is missing", async () => {
    const { "variables/variables.index": _index, ...rest } = await filesOf("mnist/1");
    expect(await failure(rest)).toMatchObject({ code: "NOT_FOUND" });
  });
});

it("tags that no graph has are an error that lists those there are", async () => {
  expect(await failure(await filesOf("half_plus_two/1"), ["serve", "gpu"])).toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("{serve}") as string,
  });
});

it("each stage makes the graph smaller, or leaves it, and begins where the one before ended", async () => {
  const { stages } = await compiled(await filesOf("mnist/1"));
  expect(stages.map(({ stage }) => stage)).toEqual(["variables", ...PASSES.map(({ name }) => name)]);
  for (const [index, { before, after }] of stages.entries()) {
    expect(after).toBeLessThanOrEqual(before);
    expect(stages[index + 1]?.before ?? after).toBe(after);
  }
  // One node for the input, the result, two convolutions, two poolings, two products, softmax, two reshapes; their
  // weights, biases and shapes.
  expect(stages.at(-1)?.after).toBe(11 + 4 + 4 + 2);
});
