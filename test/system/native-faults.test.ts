import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Loaded } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { type NativeOptions, type SavedModelOptions, savedModel, type TfServable } from "@servable/loader-tf";
import { describe, expect, it } from "vitest";
import { type FixtureFiles, fixtureFiles } from "../../packages/loader-tf/src/testing/fixture-files.js";
import { root } from "../repository/sources.js";
import { library } from "./engines.js";
import { triangle } from "./native-faults/triangle.js";

process.env["TF_CPP_MIN_LOG_LEVEL"] = "3";

type Limits = Pick<SavedModelOptions, "maxQueuedCalls" | "timeoutMs" | "tags">;

function load(files: FixtureFiles, native: NativeOptions = {}, limits: Limits = {}): Promise<Loaded<TfServable>> {
  const options: SavedModelOptions = { ...limits, engine: "native", native: { ...native, library: library ?? "" } };
  return savedModel(options)(files).load(loadContext());
}

/** A call that takes so many steps; the largest number would take minutes. */
function steps(servable: TfServable, n: number, signal?: AbortSignal): Promise<unknown> {
  return servable.predict({ x: [[0, 0]], n }, { signature: "loop", ...(signal && { signal }) });
}

const ENDLESS = 2 ** 31 - 1;
const inFlight = (loaded: Loaded<TfServable>): unknown => loaded.describe?.()["callsInFlight"];

/** The codes that calls ended with; "ok" for an answer. */
async function codesOf(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(calls);
  return ends.map((end) => (end.status === "fulfilled" ? "ok" : (end.reason as { code?: unknown }).code));
}

describe.skipIf(library === undefined)("the native engine", () => {
  it("names the operation that a newer TensorFlow has made", async () => {
    const newer = fixtureFiles("half_plus_two/1", (name, bytes) =>
      name === "saved_model.pb"
        ? Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll("\x05AddV2", "\x05AddV9"), "latin1")
        : undefined,
    );
    const wanted = { code: "UNSUPPORTED", message: expect.stringMatching(/AddV9.*newer TensorFlow/s) };
    await expect(load(newer)).rejects.toMatchObject(wanted);
    expect(newer.closed).toBe(newer.opened);
  });

  it("gives kernels the stack that they have on TensorFlow's own threads", async () => {
    const files = fixtureFiles("half_plus_two/1", (name) => (name === "saved_model.pb" ? triangle() : null));
    await using loaded = await load(files);
    const n = 300;
    const data = Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 2 : 0));
    const { r } = await loaded.servable.predict({ x: { dtype: "float32", shape: [n, n], data } });
    expect(Array.from(r?.data as Float32Array, Math.abs)).toEqual(Array.from(data));
  });

  it("names the tags that a model has not, and those that it has", async () => {
    const refused = load(fixtureFiles("half_plus_two/1"), {}, { tags: ["serve", "tpu"] });
    await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/m\/1: .*tpu.*serve/s) });
  });

  it("refuses feeds of a wrong dtype or shape by name, and gives TensorFlow's words for wrong values", async () => {
    await using loaded = await load(fixtureFiles("control/1"));
    const { servable } = loaded;
    const int = { dtype: "int32", shape: [1, 2], data: new Int32Array(2) } as const;
    const call = { signature: "loop" };
    const refused = (message: RegExp): object => ({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(message),
    });
    await expect(servable.predict({ x: int, n: 1 }, call)).rejects.toMatchObject(refused(/m\/1: .*x.*int32/));
    await expect(servable.predict({ x: [[1, 2, 3]], n: 1 }, call)).rejects.toMatchObject(refused(/m\/1: .*x.*3/));
    await expect(servable.predict({ x: [-1, 2] }, { signature: "checked" })).rejects.toMatchObject(
      refused(/m\/1: .*no negative numbers/s),
    );
  });

  it("lets go of a call that is aborted while TensorFlow has it, and answers others beside it", async () => {
    await using loaded = await load(fixtureFiles("control/1"), { maxCallsInFlight: 2 });
    const abort = new AbortController();
    const call = steps(loaded.servable, ENDLESS, abort.signal);
    expect(inFlight(loaded)).toBe(1);
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    // TensorFlow still has it: the seat is not given to another.
    expect(inFlight(loaded)).toBe(1);
    await steps(loaded.servable, 3);
  });

  it("refuses a call when too many wait, and gives the place of one that is aborted before its start to another", async () => {
    await using loaded = await load(fixtureFiles("control/1"), { maxCallsInFlight: 1 }, { maxQueuedCalls: 1 });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = steps(loaded.servable, ENDLESS, running.signal);
    const second = steps(loaded.servable, 1, waiting.signal);
    expect(await codesOf([steps(loaded.servable, 1)])).toEqual(["RESOURCE_EXHAUSTED"]);
    const givenUp = codesOf([second]);
    waiting.abort();
    const third = steps(loaded.servable, 1, running.signal);
    expect(await givenUp).toEqual(["CANCELLED"]);
    running.abort();
    expect(await codesOf([first, third])).toEqual(["CANCELLED", "CANCELLED"]);
    expect(inFlight(loaded)).toBe(1);
  });

  it("answers the calls in flight before it unloads, and fails those that wait", async () => {
    const files = fixtureFiles("control/1");
    const loaded = await load(files, { maxCallsInFlight: 2 });
    const codes = codesOf([200, 200, 200, 200].map((n) => steps(loaded.servable, n)));
    expect(inFlight(loaded)).toBe(2);
    await loaded[Symbol.asyncDispose]();
    expect(await codes).toEqual(["ok", "ok", "CANCELLED", "CANCELLED"]);
    expect(await codesOf([steps(loaded.servable, 1)])).toEqual(["CANCELLED"]);
    expect(files.closed).toBe(files.opened);
  });

  it("ends in TensorFlow itself a call that takes too long, where it has threads of its own", async () => {
    const native = { maxCallsInFlight: 1, interOpThreads: 1 };
    await using loaded = await load(fixtureFiles("control/1"), native, { timeoutMs: 300 });
    expect(await codesOf([steps(loaded.servable, ENDLESS)])).toEqual(["DEADLINE_EXCEEDED"]);
    // There is one seat, and it is free again.
    await using patient = await load(fixtureFiles("control/1"), native);
    expect(await codesOf([steps(patient.servable, 3)])).toEqual(["ok"]);
  });

  it("compiles with XLA to the same answers", async () => {
    await using loaded = await load(fixtureFiles("half_plus_two/1"), { xlaLevel: 2, intraOpThreads: 1 });
    const { y } = await loaded.servable.predict({ x: [1, 2, 5] });
    expect(Array.from(y?.data as Float32Array)).toEqual([2.5, 3, 4.5]);
  });

  it("loads and unloads a hundred times, and gives all files back", async () => {
    const files = fixtureFiles("half_plus_two/1");
    for (let round = 0; round < 100; round++) {
      await using loaded = await load(files);
      const { y } = await loaded.servable.predict({ x: [round] });
      expect(Array.from(y?.data as Float32Array)).toEqual([round / 2 + 2]);
    }
    expect([files.opened, files.closed]).toEqual([100, 100]);
  });

  it.each([
    [undefined, 64, 3],
    ["16", 64, 15],
    ["16", 5, 5],
  ])("with UV_THREADPOOL_SIZE=%s and maxCallsInFlight %d leaves a thread to files", async (size, most, wanted) => {
    const argument = JSON.stringify({ library, most, folder: join(root, "fixtures/control/1") });
    const script = join(import.meta.dirname, "native-faults/fill-pool.mjs");
    const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
    const output = await new Promise<string>((resolve, reject) => {
      const options = { env: { ...env, ...(size !== undefined && { UV_THREADPOOL_SIZE: size }) } };
      execFile(process.execPath, [script, argument], options, (error, out) => (error ? reject(error) : resolve(out)));
    });
    expect(JSON.parse(output)).toEqual({ calls: wanted, bytes: expect.any(Number) });
  });
});
