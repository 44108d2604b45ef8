import type { Tensor } from "@servable/core";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError } from "../../testing/golden.js";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { runGraph } from "../../testing/run-graph.js";
import { prune } from "../graph/effects.js";
import { constantNode, type Graph, type GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { wasmDevice } from "../run/wasm-device.js";
import { fuse } from "./fuse.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const wave = (length: number): number[] => Array.from({ length }, (_, i) => Math.sin(1 + 1.7 * i));
const tensor = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { dtype: "float32", shape, data: Float32Array.from(wave(size)) };
};
const ints = (name: string, values: readonly number[], shape: readonly number[] = [values.length]): GraphNode =>
  constantNode(name, { dtype: "int32", shape, data: Int32Array.from(values) });
const ops = (graph: Graph): string[] =>
  [...prune(graph).values()].map(({ op }) => op).filter((op) => !["Const", "_Arg", "_Retval"].includes(op));

/** What `nodes` make of a product [6, 3] · [3, 4] named `linear`. */
function afterProduct(nodes: readonly GraphNode[]): Graph {
  const product = node("MatMul", "linear", { inputs: ["x", "w"] });
  return graphOf([node("_Arg", "x"), constant("w", [3, 4], wave(12)), product, ...nodes], ["y"]);
}

function same(graph: Graph, x: Tensor): void {
  const [wanted] = Object.values(runGraph(graph, { x }, device));
  const [found] = Object.values(runGraph(prune(fuse(graph)), { x }, device));
  if (wanted === undefined) throw new Error("no result");
  expect(found?.shape).toEqual(wanted.shape);
  expect(largestError(found, wanted)).toBeLessThan(1e-5);
}

const bias = constant("b", [4], wave(4));
const biased = [bias, node("BiasAdd", "a", { inputs: ["r", "b"] }), node("Relu", "y", { inputs: ["a"] })];

describe("what comes after another shape is fused before it", () => {
  it.each<[string, readonly GraphNode[]]>([
    ["a constant shape", [ints("s", [2, 3, 4]), node("Reshape", "r", { inputs: ["linear", "s"] }), ...biased]],
    [
      "a shape whose end alone is constant",
      [
        ints("two", [2], []),
        ints("four", [4], []),
        ints("-1", [-1], []),
        node("Pack", "s", { inputs: ["two", "-1", "four"] }),
        node("Reshape", "r", { inputs: ["linear", "s"] }),
        ...biased,
      ],
    ],
    [
      "sizes that are joined",
      [
        ints("front", [3, 2]),
        ints("end", [4]),
        ints("axis", [0], []),
        node("ConcatV2", "s", { inputs: ["front", "end", "axis"] }),
        node("Reshape", "r", { inputs: ["linear", "s"] }),
        ...biased,
      ],
    ],
    [
      "several shapes",
      [
        ints("s", [2, 3, 4]),
        node("Reshape", "q", { inputs: ["linear", "s"] }),
        constant("k", [4], wave(4)),
        node("Mul", "m", { inputs: ["q", "k"] }),
        ints("t", [6, 1, 1, 4]),
        node("Reshape", "r", { inputs: ["m", "t"] }),
        ...biased,
      ],
    ],
  ])("%s", (_title, nodes) => {
    const graph = afterProduct(nodes);
    expect(ops(fuse(graph))).toContain("_FusedMatMul");
    expect(ops(fuse(graph)).filter((op) => ["MatMul", "BiasAdd", "Mul", "Relu"].includes(op))).toEqual([]);
    same(graph, tensor(6, 3));
  });

  it("a squeezed convolution, as of a sequence", () => {
    const nodes = [
      node("_Arg", "x"),
      constant("w", [1, 3, 2, 4], wave(24)),
      node("Conv2D", "linear", { inputs: ["x", "w"], strides: [1, 1, 1, 1], padding: "SAME" }),
      node("Squeeze", "r", { inputs: ["linear"], squeeze_dims: [-3] }),
      ...biased,
    ];
    const graph = graphOf(nodes, ["y"]);
    expect(ops(fuse(graph))).toEqual(["_FusedConv2D", "Squeeze"]);
    same(graph, tensor(2, 1, 5, 2));
  });

  it.each<[string, readonly GraphNode[]]>([
    ["channels that are cut", [ints("s", [2, 6, 2]), node("Reshape", "r", { inputs: ["linear", "s"] })]],
    ["channels that are not known", [ints("s", [6, -1]), node("Reshape", "r", { inputs: ["linear", "s"] })]],
  ])("but not %s", (_title, nodes) => {
    const bare = constant("b", [], [2]);
    const graph = afterProduct([...nodes, bare, node("AddV2", "y", { inputs: ["r", "b"] })]);
    expect(ops(fuse(graph))).toContain("MatMul");
  });
});

it("a stack of matrices times constant weights is one product", () => {
  const nodes = [
    node("_Arg", "x"),
    constant("w", [3, 4], wave(12)),
    node("BatchMatMulV2", "r", { inputs: ["x", "w"] }),
    ...biased,
  ];
  const graph = graphOf(nodes, ["y"]);
  expect(ops(fuse(graph))).toEqual(["_FusedMatMul"]);
  same(graph, tensor(2, 5, 3));
  same(graph, tensor(2, 2, 5, 3));
  same(graph, tensor(5, 3));
  same(graph, tensor(0, 5, 3));
});
