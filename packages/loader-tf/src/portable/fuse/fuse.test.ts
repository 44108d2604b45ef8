import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError } from "../../testing/golden.js";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { runGraph } from "../../testing/run-graph.js";
import { prune } from "../graph/effects.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { wasmDevice } from "../run/wasm-device.js";
import { fuse } from "./fuse.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const CHANNELS = 4;
const input = node("_Arg", "x");
const image: Tensor = {
  dtype: "float32",
  shape: [2, 5, 5, 2],
  data: Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)),
};
const matrix: Tensor = {
  dtype: "float32",
  shape: [3, 6],
  data: Float32Array.from({ length: 18 }, (_, i) => Math.cos(i)),
};
const values = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, i) => Math.sin(seed + i * 1.7) + 0.1);
const spatial = { strides: [1, 1, 1, 1], padding: "SAME" };

/** A linear operation `linear` on `x`, with its weights. */
const LINEAR: Readonly<
  Record<string, { readonly nodes: readonly GraphNode[]; readonly x: Tensor; readonly rank: number }>
> = {
  Conv2D: {
    nodes: [
      constant("w", [3, 3, 2, CHANNELS], values(72, 1)),
      node("Conv2D", "linear", { inputs: ["x", "w"], ...spatial }),
    ],
    x: image,
    rank: 4,
  },
  DepthwiseConv2dNative: {
    nodes: [
      constant("w", [3, 3, 2, 2], values(36, 2)),
      node("DepthwiseConv2dNative", "linear", { inputs: ["x", "w"], ...spatial }),
    ],
    x: image,
    rank: 4,
  },
  MatMul: {
    nodes: [constant("w", [6, CHANNELS], values(24, 3)), node("MatMul", "linear", { inputs: ["x", "w"] })],
    x: matrix,
    rank: 2,
  },
  "MatMul transposed": {
    nodes: [
      constant("w", [CHANNELS, 6], values(24, 4)),
      node("MatMul", "linear", { inputs: ["x", "w"], transpose_b: true }),
    ],
    x: matrix,
    rank: 2,
  },
};

const STEPS = [
  "BiasAdd",
  "AddV2",
  "Add reversed",
  "Sub",
  "Mul",
  "Mul scalar",
  "FusedBatchNormV3",
  "Relu",
  "Relu6",
  "Sigmoid",
  "Elu",
  "LeakyRelu",
] as const;

/** The nodes of a step that takes `from` and is named `name`. */
function step(kind: (typeof STEPS)[number], from: string, { name, rank }: { name: string; rank: number }): GraphNode[] {
  const c = (suffix: string, seed: number): GraphNode =>
    constant(`${name}/${suffix}`, [CHANNELS], values(CHANNELS, seed));
  const ones = Array.from({ length: rank - 1 }, () => 1);
  switch (kind) {
    case "BiasAdd":
    case "Sub":
      return [c("c", 5), node(kind, name, { inputs: [from, `${name}/c`] })];
    case "AddV2":
      return [
        constant(`${name}/c`, [...ones, CHANNELS], values(CHANNELS, 6)),
        node(kind, name, { inputs: [from, `${name}/c`] }),
      ];
    case "Add reversed":
      return [c("c", 7), node("Add", name, { inputs: [`${name}/c`, from] })];
    case "Mul":
      return [c("c", 8), node(kind, name, { inputs: [from, `${name}/c`] })];
    case "Mul scalar":
      return [constant(`${name}/c`, [], [-0.7]), node("Mul", name, { inputs: [from, `${name}/c`] })];
    case "FusedBatchNormV3": {
      const variance = constant(`${name}/v`, [CHANNELS], [0.5, 1, 2, 0.1]);
      const inputs = [from, `${name}/s`, `${name}/o`, `${name}/m`, `${name}/v`];
      return [
        c("s", 9),
        c("o", 10),
        c("m", 11),
        variance,
        node(kind, name, { inputs, is_training: false, epsilon: { float: 0.001 } }),
      ];
    }
    case "Relu":
    case "Relu6":
    case "Sigmoid":
    case "Elu":
      return [node(kind, name, { inputs: [from] })];
    case "LeakyRelu":
      return [node(kind, name, { inputs: [from], alpha: { float: 0.3 } })];
  }
}

function chainOf(linear: string, kinds: readonly (typeof STEPS)[number][]): { graph: Graph; x: Tensor } {
  const { nodes, x, rank } = LINEAR[linear] as (typeof LINEAR)[string];
  // The device's batch norm is for images alone.
  const usable = kinds.filter((kind) => rank === 4 || kind !== "FusedBatchNormV3");
  const steps = usable.flatMap((kind, index) =>
    step(kind, index === 0 ? "linear" : `step${index - 1}`, { name: `step${index}`, rank }),
  );
  const last = usable.length === 0 ? "linear" : `step${usable.length - 1}`;
  return { graph: graphOf([input, ...nodes, ...steps], [last]), x };
}

function ops(graph: Graph): string[] {
  return [...prune(graph).values()]
    .map(({ op }) => op)
    .filter((op) => op !== "Const")
    .sort();
}

describe("fusing", () => {
  it("never changes what a graph gives", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(LINEAR)),
        fc.array(fc.constantFrom(...STEPS), { maxLength: 5 }),
        (linear, kinds) => {
          const { graph, x } = chainOf(linear, kinds);
          const [wanted] = Object.values(runGraph(graph, { x }, device));
          const [found] = Object.values(runGraph(prune(fuse(graph)), { x }, device));
          if (wanted === undefined) throw new Error("no result");
          const largest = Math.max(1, ...Array.from(wanted.data as Float32Array, Math.abs));
          expect(largestError(found, wanted) / largest).toBeLessThan(1e-5);
        },
      ),
    );
  });

  it.each([
    ["Conv2D", ["BiasAdd", "Relu"], ["_Arg", "_FusedConv2D", "_Retval"]],
    ["Conv2D", ["BiasAdd", "FusedBatchNormV3", "Relu6"], ["_Arg", "_FusedConv2D", "_Retval"]],
    ["Conv2D", ["Mul", "Sub", "AddV2"], ["_Arg", "_FusedConv2D", "_Retval"]],
    ["DepthwiseConv2dNative", ["FusedBatchNormV3", "Relu6"], ["_Arg", "_FusedDepthwiseConv2dNative", "_Retval"]],
    ["MatMul", ["Add reversed", "Relu"], ["_Arg", "_FusedMatMul", "_Retval"]],
    ["Conv2D", ["BiasAdd", "Sigmoid"], ["_Arg", "_FusedConv2D", "_Retval"]],
    ["DepthwiseConv2dNative", ["LeakyRelu"], ["_Arg", "_FusedDepthwiseConv2dNative", "_Retval"]],
    ["MatMul", ["BiasAdd", "Elu"], ["_Arg", "_FusedMatMul", "_Retval"]],
    ["Conv2D", ["Relu", "BiasAdd"], ["BiasAdd", "_Arg", "_FusedConv2D", "_Retval"]],
    ["Conv2D", [], ["Conv2D", "_Arg", "_Retval"]],
  ] as const)("makes one operation of %s and %j", (linear, kinds, wanted) => {
    expect(ops(fuse(chainOf(linear, kinds).graph))).toEqual([...wanted]);
  });

  const { nodes } = LINEAR["Conv2D"] as (typeof LINEAR)[string];
  const bias = constant("b", [CHANNELS], values(CHANNELS, 1));
  it.each([
    ["the linear value itself is a result", [node("BiasAdd", "y", { inputs: ["linear", "b"] })], ["linear", "y"]],
    [
      "the value has another consumer",
      [node("BiasAdd", "y", { inputs: ["linear", "b"] }), node("Tanh", "z", { inputs: ["linear"] })],
      ["y", "z"],
    ],
    ["the value is scaled by itself", [node("Mul", "y", { inputs: ["linear", "linear"] })], ["y"]],
    ["what is added is not constant", [node("AddV2", "y", { inputs: ["linear", "x"] })], ["y"]],
    [
      "what is added is as large as the value",
      [constant("big", [5, 5, CHANNELS], values(100, 1)), node("AddV2", "y", { inputs: ["linear", "big"] })],
      ["y"],
    ],
    [
      "what is added raises the rank",
      [constant("big", [1, 1, 1, 1, CHANNELS], values(CHANNELS, 1)), node("AddV2", "y", { inputs: ["linear", "big"] })],
      ["y"],
    ],
    ["the value is subtracted", [node("Sub", "y", { inputs: ["b", "linear"] })], ["y"]],
    [
      "the norm is training",
      [node("FusedBatchNormV3", "y", { inputs: ["linear", "b", "b", "b", "b"], is_training: true })],
      ["y"],
    ],
    [
      "statistics of the norm are taken",
      [node("FusedBatchNormV3", "y", { inputs: ["linear", "b", "b", "b", "b"], is_training: false })],
      ["y", "y:1"],
    ],
  ] as const)("leaves alone where %s", (_title, more, results) => {
    const graph = graphOf([input, ...nodes, bias, ...more], results);
    expect(ops(fuse(graph))).toEqual(ops(graph));
  });

  it("takes no name that the graph has already", () => {
    const more = [
      constant("y/bias", [6], values(6, 2)),
      node("BiasAdd", "y", { inputs: ["linear", "b"] }),
      node("AddV2", "z", { inputs: ["x", "y/bias"] }),
    ];
    const matrices = (LINEAR["MatMul"] as (typeof LINEAR)[string]).nodes;
    const graph = graphOf([input, ...matrices, bias, ...more], ["y", "z"]);
    const found = runGraph(prune(fuse(graph)), { x: matrix }, device);
    expect(largestError(found["result:z"], runGraph(graph, { x: matrix }, device)["result:z"] as Tensor)).toBe(0);
  });
});
