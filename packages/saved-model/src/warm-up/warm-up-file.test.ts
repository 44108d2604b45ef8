import { readFileSync } from "node:fs";
import { PredictionLog } from "@servable/tf-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeExample } from "../example.js";
import { SavedModelError } from "../saved-model-error.js";
import type { StoredTensor } from "../stored-tensor.js";
import { codeOf, fixtures } from "../testing/files.js";
import type { RecordedCall } from "./prediction-log.js";
import { recordFile, recordsOf } from "./records.js";
import { MAX_WARM_UP_RECORDS, warmUpCalls, warmUpFile } from "./warm-up-file.js";

const log = (logType: PredictionLog["logType"]): Uint8Array => PredictionLog.encode({ logType }).finish();
const written = new Uint8Array(readFileSync(`${fixtures}/tf1_text/tf_serving_warmup_requests`));
const refusal = (record: Uint8Array): Promise<unknown> => codeOf(() => [...warmUpCalls(recordFile([record]))]);
const fileOf = (count: number): Uint8Array => recordFile(Array.from({ length: count }, () => log(undefined)));

describe("warmUpCalls", () => {
  it("reads each kind of log that TensorFlow Serving replays, as protobuf wrote it", () => {
    const calls = [...warmUpCalls(written)];
    expect(calls.map(({ signature, outputs }) => [signature, outputs])).toEqual([
      ["", ["scores"]],
      ["classify", []],
      ["regress", []],
      ["classify", []],
      ["regress", []],
    ]);
    expect(calls.map(({ inputs }) => Object.entries(inputs).map(([name, { shape }]) => [name, shape]))).toEqual([
      [["examples", [1]]],
      [["inputs", [2]]],
      [["inputs", [1]]],
      [["inputs", [1]]],
      [["inputs", [1]]],
    ]);
    const [bytes] = (calls[2]?.inputs["inputs"]?.data ?? []) as readonly Uint8Array[];
    // The example's own weight, not the context's.
    expect(decodeExample(bytes ?? new Uint8Array(0)).get("weight")?.values).toEqual(Float32Array.of(2));
  });

  it("takes an empty file, and logs without a kind or a request, for no calls", () => {
    expect([...warmUpCalls(new Uint8Array(0))]).toEqual([]);
    const empty = { request: undefined };
    const kinds = [
      undefined,
      { $case: "predictLog", value: empty },
      { $case: "classifyLog", value: empty },
      { $case: "regressLog", value: empty },
      { $case: "multiInferenceLog", value: empty },
    ] as const;
    expect([...warmUpCalls(recordFile(kinds.map(log)))]).toEqual([]);
  });

  it.each<[string, Uint8Array, string]>([
    ["bytes that are no message", Uint8Array.of(7), "INVALID_ARGUMENT"],
    ["a session run", log({ $case: "sessionRunLog", value: new Uint8Array(0) }), "UNSUPPORTED"],
    ["a stream", log({ $case: "predictStreamedLog", value: new Uint8Array(0) }), "UNSUPPORTED"],
    [
      "no examples",
      log({ $case: "classifyLog", value: { request: { modelSpec: undefined, input: undefined } } }),
      "INVALID_ARGUMENT",
    ],
    [
      "only a context",
      log({
        $case: "regressLog",
        value: {
          request: {
            modelSpec: undefined,
            input: { kind: { $case: "exampleListWithContext", value: { examples: [], context: Uint8Array.of(1) } } },
          },
        },
      }),
      "INVALID_ARGUMENT",
    ],
  ])("refuses %s", async (_case, record, code) => {
    expect(await refusal(record)).toBe(code);
  });

  it("takes 1,000 records and refuses more before the first call", async () => {
    expect([...warmUpCalls(fileOf(MAX_WARM_UP_RECORDS))]).toEqual([]);
    expect(await codeOf(() => warmUpCalls(fileOf(MAX_WARM_UP_RECORDS + 1)))).toBe("INVALID_ARGUMENT");
  });

  it("refuses a file in another format before the first call", async () => {
    expect(await codeOf(() => warmUpCalls(new TextEncoder().encode('{"instances": [1, 2, 3]}')))).toBe("DATA_LOSS");
  });

  it("gives calls or an error of ours for a log that is damaged anywhere", () => {
    const records = [...recordsOf(written, "the file")];
    const at = fc.record({
      record: fc.constantFrom(...records),
      place: fc.nat(),
      byte: fc.integer({ max: 255, min: 0 }),
    });
    fc.assert(
      fc.property(at, ({ record, place, byte }) => {
        const damaged = record.slice();
        damaged[place % damaged.length] = byte;
        try {
          for (const { inputs } of warmUpCalls(recordFile([damaged]))) expect(inputs).toBeDefined();
        } catch (error) {
          if (!(error instanceof SavedModelError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("takes no memory for a tensor that a short log claims", async () => {
    const call: RecordedCall = {
      signature: "",
      inputs: { x: tensor("float32", [0], new Float32Array(0)) },
      outputs: [],
    };
    const [record] = [...recordsOf(warmUpFile("m", [call]), "the file")];
    const { logType } = PredictionLog.decode(record ?? new Uint8Array(0));
    if (logType?.$case !== "predictLog") throw new Error("expected a predict log");
    const proto = logType.value.request?.inputs.get("x");
    proto?.tensorShape?.dim.push({ size: 2n ** 40n, name: "" });
    for (const dim of proto?.tensorShape?.dim ?? []) dim.size = 2n ** 20n;
    expect(await refusal(log(logType))).toBe("DATA_LOSS");
  });
});

describe("warmUpFile", () => {
  const values = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  const shapes = fc.array(fc.nat(3), { maxLength: 3 });
  const tensors = shapes.chain((shape): fc.Arbitrary<StoredTensor> => {
    const range = { minLength: values(shape), maxLength: values(shape) };
    return fc.oneof(
      fc.float32Array(range).map((data) => tensor("float32", shape, data)),
      fc.bigInt64Array(range).map((data) => tensor("int64", shape, data)),
      fc.uint8Array({ ...range, max: 1 }).map((data) => tensor("bool", shape, data)),
      fc.int16Array(range).map((data) => tensor("int16", shape, data)),
      fc.array(fc.uint8Array({ maxLength: 5 }), range).map((data) => tensor("string", shape, data)),
      fc.uint8Array({ ...range, max: 200 }).map((data) =>
        tensor(
          "float16",
          shape,
          Float32Array.from(data, (value) => value / 8),
        ),
      ),
    );
  });
  const calls: fc.Arbitrary<RecordedCall> = fc.record({
    signature: fc.string(),
    inputs: fc.dictionary(fc.string(), tensors, { noNullPrototype: true }),
    outputs: fc.array(fc.string()),
  });

  it("writes what warmUpCalls reads", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 4 }), (list) => {
        expect([...warmUpCalls(warmUpFile("m", list))]).toEqual(list);
      }),
    );
  });

  it("refuses more calls than TensorFlow Serving takes", async () => {
    const call = { signature: "", inputs: {}, outputs: [] };
    const most = Array.from({ length: MAX_WARM_UP_RECORDS }, () => call);
    expect(warmUpFile("m", most).length).toBeGreaterThan(0);
    expect(await codeOf(() => warmUpFile("m", [...most, call]))).toBe("INVALID_ARGUMENT");
  });
});

function tensor(dtype: StoredTensor["dtype"], shape: readonly number[], data: StoredTensor["data"]): StoredTensor {
  return { dtype, shape, data };
}
