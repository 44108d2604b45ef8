import { allocate, type DType, sizeOf, type Tensor } from "@servable/core";
import { DataType, dataTypeCode, type FunctionDef, type NodeDef, type OpDef_ArgDef } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { compile } from "../../packages/loader-tf/src/portable/compile.js";
import { withAllowance } from "../../packages/loader-tf/src/portable/kernels/host/allowance.js";
import { KERNELS } from "../../packages/loader-tf/src/portable/kernels/registry.js";
import type { Program } from "../../packages/loader-tf/src/portable/program.js";
import { Value } from "../../packages/loader-tf/src/portable/run/value.js";
import { node, type Written } from "../../packages/loader-tf/src/testing/graphs.js";
import { hostOnlyDevice } from "../../packages/loader-tf/src/testing/host-only-device.js";
import { constantDef, modelOf } from "./small-models.js";

const compiled = (nodes: readonly NodeDef[], functions: readonly FunctionDef[] = []): Promise<Program> =>
  compile({
    read: async () => modelOf(nodes, functions),
    tags: ["serve"],
    optimize: {},
    device: hostOnlyDevice,
    report: () => {},
  });

const numbers = (dtype: DType, shape: readonly number[], ...values: readonly number[]): Tensor => {
  const data = allocate(dtype, sizeOf(shape)) as Float32Array;
  for (let at = 0; at < data.length; at++)
    data[at] = (dtype === "int64" ? BigInt(values[at] ?? 0) : values[at]) as number;
  return { dtype, shape, data };
};
const ints = (...values: readonly number[]): Tensor => numbers("int32", [values.length], ...values);
const longs = (...values: readonly number[]): Tensor => numbers("int64", [values.length], ...values);
const int = (value: number): Tensor => numbers("int64", [], value);
const float = (value: number): Tensor => numbers("float32", [], value);
const text = (bytes: number): Tensor => ({ dtype: "string", shape: [], data: [new Uint8Array(bytes)] });
const strings = (count: number, bytes: number): Tensor => {
  const one = new Uint8Array(bytes);
  return { dtype: "string", shape: [count], data: Array.from({ length: count }, () => one) };
};

/** A megabyte of text, however often it is taken. */
const LONG: Tensor = { dtype: "string", shape: [], data: [new Uint8Array(2 ** 20).fill(97)] };
const times = (count: number): Tensor[] => Array.from({ length: count }, () => LONG);

const def = (op: string, name: string, input: readonly string[] = []): NodeDef => ({
  op,
  name,
  input: [...input],
  attr: new Map([["T", { value: { $case: "type" as const, value: DataType.DT_FLOAT } }]]),
});
const call = (name: string, callee: string, input: readonly string[] = []): NodeDef => ({
  ...def("PartitionedCall", name, input),
  attr: new Map([["f", { value: { $case: "func" as const, value: { name: callee, attr: new Map() } } }]]),
});
const args = (...names: readonly string[]): OpDef_ArgDef[] =>
  names.map((name) => ({ name, type: 1, typeAttr: "", numberAttr: "", typeListAttr: "", isRef: false }));
const functionDef = (name: string, nodes: readonly NodeDef[], result: string): FunctionDef => ({
  signature: { name, inputArg: args("x"), outputArg: args("y"), controlOutput: [] },
  nodeDef: [...nodes],
  ret: new Map([["y", result]]),
  attr: new Map(),
  controlRet: new Map(),
});
const one = constantDef("one", numbers("float32", [], 1));

describe("functions", () => {
  it("that call themselves are refused", async () => {
    const again = functionDef("again", [call("next", "again", ["x"])], "next:y:0");
    await expect(compiled([one, call("out", "again", ["one"])], [again])).rejects.toMatchObject({ code: "DATA_LOSS" });
  });

  it("that unfold to more than there is room for are refused", async () => {
    // Names within a call begin with the name of the call.
    const [b, c] = ["b".repeat(5_000), "c".repeat(5_000)];
    const levels = Array.from({ length: 60 }, (_, level) => {
      const below = `f${level - 1}`;
      const calls = level === 0 ? [] : [call(b, below, ["x"]), call(c, below, [`${b}:y:0`])];
      return functionDef(`f${level}`, [...calls, def("Neg", "a", [level === 0 ? "x" : `${c}:y:0`])], "a:y:0");
    });
    await expect(compiled([one, call("out", "f59", ["one"])], levels)).rejects.toMatchObject({
      code: "DATA_LOSS",
      message: expect.stringContaining("unfold"),
    });
  });

  it("share their constants, however often they are called", async () => {
    const large = constantDef("large", numbers("float32", [1_000]));
    const f = functionDef("f", [large, def("AddV2", "sum", ["x", "large:output:0"])], "sum:z:0");
    const input = { ...def("Placeholder", "in"), attr: new Map([["dtype", typeValue("float32")]]) };
    const calls = Array.from({ length: 500 }, (_, at) => call(`c${at}`, "f", [at === 0 ? "in" : `c${at - 1}`]));
    const { constants } = await compiled([input, ...calls], [f]);
    expect(new Set(constants.map(({ data }) => data)).size).toBe(1);
  });
});

function typeValue(dtype: DType): { value: { $case: "type"; value: DataType } } {
  return { value: { $case: "type", value: dataTypeCode(dtype) } };
}

describe("constants", () => {
  const claiming = (name: string, size: number): NodeDef =>
    constantDef(name, { ...numbers("float32", [1], 1), shape: [size] }, true);

  it.each([2 ** 40, 2 ** 28, 2 ** 53 - 1])("with one value for %d elements are refused", async (size) => {
    await expect(compiled([claiming("c", size), def("Neg", "out", ["c"])])).rejects.toMatchObject({
      code: "DATA_LOSS",
    });
  });

  it("that together claim more than one may are refused", async () => {
    const many = Array.from({ length: 10 }, (_, at) => claiming(`c${at}`, 2 ** 23 + at));
    const sum = def(
      "AddN",
      "out",
      many.map(({ name }) => name),
    );
    await expect(compiled([...many, sum])).rejects.toMatchObject({ code: "DATA_LOSS" });
  });

  it("without elements may not be as long as they like", async () => {
    const empty = constantDef("c", { dtype: "float32", shape: [2 ** 40, 0], data: new Float32Array(0) });
    await expect(compiled([empty, def("Neg", "out", ["c"])])).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });

  it("that grow from each other are not computed at load beyond a limit", async () => {
    const begin = constantDef("d0", numbers("float32", [1_024]));
    const axis = constantDef("axis", numbers("int32", [], 0));
    const doubled = Array.from({ length: 40 }, (_, at) => def("ConcatV2", `d${at + 1}`, [`d${at}`, `d${at}`, "axis"]));
    const { constantBytes } = await compiled([begin, axis, ...doubled]);
    expect(constantBytes).toBeLessThan(2 ** 31);
  });
});

describe("long chains", () => {
  it("of identities are gone through once", async () => {
    const chain = Array.from({ length: 50_000 }, (_, at) => def("Identity", `i${at + 1}`, [`i${at}`]));
    await expect(compiled([{ ...one, name: "i0" }, ...chain])).resolves.toBeDefined();
  });

  it("of operations that cannot be run are listed once", async () => {
    const chain = Array.from({ length: 50_000 }, (_, at) => def("Unknown", `i${at + 1}`, [`i${at}`]));
    await expect(compiled([{ ...one, name: "i0" }, ...chain])).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("of outputs that no operation has are refused", async () => {
    await expect(compiled([one, def("Neg", "out", ["one:9007199254740991"])])).rejects.toMatchObject({
      code: "DATA_LOSS",
    });
  });
});

type Attributes = Readonly<Record<string, Written>>;
const float32: Attributes = { T: { dtype: "float32" } };
const image = numbers("float32", [1, 1, 1, 1], 1);
const HUGE = 2 ** 40;
/** Less than an operation really has, so that nothing here takes long. */
const ROOM = 2 ** 26;

describe("an operation that would take more memory than there is", () => {
  const cases: readonly (readonly [string, Attributes, readonly Tensor[]])[] = [
    ["Fill", float32, [longs(HUGE), float(1)]],
    ["Fill", { T: { dtype: "string" } }, [ints(2 ** 30), text(1)]],
    ["Range", { Tidx: { dtype: "int64" } }, [int(0), int(HUGE), int(1)]],
    ["LinSpace", float32, [float(0), float(1), int(HUGE)]],
    ["Tile", float32, [numbers("float32", [2]), longs(HUGE)]],
    ["BroadcastTo", float32, [float(1), longs(2 ** 20, 2 ** 20)]],
    ["Pad", float32, [numbers("float32", [1]), longs(0, HUGE)]],
    ["PadV2", float32, [numbers("float32", [1]), longs(HUGE, 0), float(1)]],
    ["OneHot", float32, [longs(1, 2), int(HUGE), float(1), float(0)]],
    ["Split", { ...float32, num_split: HUGE }, [numbers("int32", [], 0), numbers("float32", [0])]],
    ["Unpack", { ...float32, num: HUGE, axis: 0 }, [numbers("float32", [1])]],
    ["DynamicPartition", { ...float32, num_partitions: HUGE }, [numbers("float32", [1]), ints(0)]],
    ["Bincount", float32, [ints(1), int(HUGE), numbers("float32", [0])]],
    [
      "HistogramFixedWidth",
      { ...float32, dtype: { dtype: "int32" } },
      [float(1), numbers("float32", [2], 0, 1), int(HUGE)],
    ],
    ["UnsortedSegmentSum", float32, [numbers("float32", [0]), longs(), int(HUGE)]],
    ["UnsortedSegmentSum", float32, [numbers("float32", [0, 0]), longs(), int(HUGE)]],
    ["SegmentSum", float32, [numbers("float32", [1]), longs(HUGE)]],
    ["DynamicStitch", float32, [ints(2 ** 31 - 1), numbers("float32", [1])]],
    ["ScatterNd", float32, [numbers("int64", [1, 1]), numbers("float32", [1]), longs(HUGE)]],
    ["SparseToDense", float32, [numbers("int64", [1, 1]), longs(HUGE), float(1), float(0)]],
    ["SparseFillEmptyRows", float32, [numbers("int64", [1, 1]), numbers("float32", [1]), longs(HUGE), float(0)]],
    ["Diag", float32, [numbers("float32", [100_000])]],
    ["MatrixDiagV3", float32, [numbers("float32", [1]), ints(0), int(HUGE), int(HUGE), float(0)]],
    ["ResizeNearestNeighbor", float32, [image, ints(2 ** 30, 2 ** 30)]],
    ["ResizeBilinear", float32, [numbers("float32", [1, 1, 1, 0]), ints(2 ** 30, 2 ** 30)]],
    ["ResizeBicubic", float32, [image, ints(2 ** 20, 2 ** 20)]],
    ["ResizeArea", float32, [image, ints(2 ** 20, 2 ** 20)]],
    ["CropAndResize", float32, [image, numbers("float32", [1, 4]), ints(0), ints(2 ** 30, 2 ** 30)]],
    [
      "ExtractImagePatches",
      { ...float32, ksizes: [1, HUGE, HUGE, 1], strides: [1, 1, 1, 1], rates: [1, 1, 1, 1], padding: "SAME" },
      [image],
    ],
    [
      "MaxPool",
      { ...float32, T: { dtype: "float64" }, ksize: [1, HUGE, 1, 1], strides: [1, 1, 1, 1], padding: "SAME" },
      [image],
    ],
    ["RandomUniform", { dtype: { dtype: "float32" } }, [longs(HUGE)]],
    ["StatelessRandomNormal", { dtype: { dtype: "float32" } }, [longs(HUGE), longs(1, 2)]],
    ["Multinomial", float32, [numbers("float32", [1, 2]), numbers("int32", [], 2 ** 31 - 1)]],
    ["AddV2", { T: { dtype: "int32" } }, [numbers("int32", [65_536, 1]), numbers("int32", [1, 65_536])]],
    ["Equal", { T: { dtype: "string" } }, [{ ...strings(65_536, 1), shape: [65_536, 1] }, strings(65_536, 1)]],
    ["MatMul", { T: { dtype: "int32" } }, [numbers("int32", [65_536, 1]), numbers("int32", [1, 65_536])]],
    ["Reshape", float32, [numbers("float32", [0]), longs(0, HUGE)]],
    ["StringJoin", {}, times(100)],
    ["StringJoin", {}, [strings(10_000, 1), LONG]],
    [
      "StringNGrams",
      { Tsplits: { dtype: "int64" }, ngram_widths: [HUGE], pad_width: -1, left_pad: "a" },
      [strings(1, 1), longs(0, 1)],
    ],
    ["UnsortedSegmentJoin", {}, [strings(1, 1), ints(0), int(HUGE)]],
    ["StaticRegexReplace", { pattern: "", rewrite: "a".repeat(2 ** 20) }, [text(10_000)]],
    ["AsString", { ...float32, width: 4_096 }, [numbers("float32", [2 ** 20])]],
    ["StringFormat", { template: "%s".repeat(100), summarize: -1 }, times(100)],
    ["DecodePaddedRaw", { out_type: { dtype: "uint8" } }, [text(1), int(2 ** 32)]],
  ];
  it.each(cases)("is refused: %s", (op, attributes, inputs) => {
    const run = (): unknown => {
      const kernel = KERNELS.get(op)?.(node(op, "name", attributes));
      const values = inputs.map((input) => Value.ofHost(input, hostOnlyDevice));
      return withAllowance(ROOM, () => kernel?.(hostOnlyDevice, ...values) ?? []).map((value) => value.shape);
    };
    expect(run).toThrow(
      expect.objectContaining({
        name: "ServingError",
        code: expect.stringMatching(/^(INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/),
      }),
    );
  });
});
