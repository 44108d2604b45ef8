import type { Tensor } from "@servable/core";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError } from "../../testing/golden.js";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { runGraph } from "../../testing/run-graph.js";
import { prune } from "../graph/effects.js";
import { constantNode, type Graph, type GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { wasmDevice } from "../run/wasm-device.js";
import { absorbPadding } from "./absorb-padding.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const x: Tensor = {
  dtype: "float32",
  shape: [2, 6, 5, 2],
  data: Float32Array.from({ length: 120 }, (_, i) => Math.sin(i)),
};
const weights = Array.from({ length: 36 }, (_, i) => Math.cos(i));
const input = node("_Arg", "x");
const amounts = (values: readonly number[]): GraphNode =>
  constantNode("amounts", { dtype: "int32", shape: [4, 2], data: Int32Array.from(values) });
const SPATIAL = [0, 0, 0, 1, 2, 1, 0, 0];
const strides = [1, 2, 2, 1];
const explicit = [0, 0, 1, 0, 0, 1, 0, 0];

const CONVOLUTIONS: Readonly<Record<string, readonly GraphNode[]>> = {
  "Conv2D without padding": [
    constant("w", [3, 3, 2, 2], weights),
    node("Conv2D", "y", { inputs: ["padded", "w"], strides, padding: "VALID" }),
  ],
  "Conv2D with padding of its own": [
    constant("w", [3, 3, 2, 2], weights),
    node("Conv2D", "y", { inputs: ["padded", "w"], strides, padding: "EXPLICIT", explicit_paddings: explicit }),
  ],
  "dilated Conv2D": [
    constant("w", [3, 3, 2, 2], weights),
    node("Conv2D", "y", { inputs: ["padded", "w"], strides: [1, 1, 1, 1], dilations: [1, 2, 2, 1], padding: "VALID" }),
  ],
  DepthwiseConv2dNative: [
    constant("w", [3, 3, 2, 1], weights.slice(0, 18)),
    node("DepthwiseConv2dNative", "y", { inputs: ["padded", "w"], strides, padding: "VALID" }),
  ],
};
const conv = CONVOLUTIONS["Conv2D without padding"] ?? [];
const sameConv = [
  constant("w", [3, 3, 2, 2], weights),
  node("Conv2D", "y", { inputs: ["padded", "w"], strides, padding: "SAME" }),
];

const ops = (graph: Graph): string[] => [...prune(graph).values()].map(({ op }) => op);
const pad = node("Pad", "padded", { inputs: ["x", "amounts"] });

describe("padding of an image", () => {
  it.each(Object.entries(CONVOLUTIONS))("is done by a %s", (_title, nodes) => {
    const graph = graphOf([input, amounts(SPATIAL), pad, ...nodes], ["y"]);
    const absorbed = prune(absorbPadding(graph));
    expect(ops(absorbed)).not.toContain("Pad");
    const [wanted] = Object.values(runGraph(graph, { x }, device));
    const [found] = Object.values(runGraph(absorbed, { x }, device));
    if (wanted === undefined) throw new Error("no result");
    expect(found?.shape).toEqual(wanted.shape);
    expect(largestError(found, wanted)).toBeLessThan(1e-5);
  });

  it("stays for whoever else takes the padded image", () => {
    const graph = graphOf([input, amounts(SPATIAL), pad, ...conv], ["y", "padded"]);
    const absorbed = prune(absorbPadding(graph));
    expect(absorbed.get("y")?.inputs[0]?.node).toBe("x");
    expect(absorbed.has("padded")).toBe(true);
  });

  it.each<[string, readonly GraphNode[]]>([
    ["of channels", [amounts([0, 0, 0, 0, 0, 0, 1, 0]), pad, ...conv]],
    ["of the batch", [amounts([0, 1, 0, 0, 0, 0, 0, 0]), pad, ...conv]],
    ["by amounts that are not known", [node("_Arg", "amounts"), pad, ...conv]],
    ["before one that pads by the image's size", [amounts(SPATIAL), pad, ...sameConv]],
    [
      "with ones",
      [
        amounts(SPATIAL),
        constant("one", [], [1]),
        node("PadV2", "padded", { inputs: ["x", "amounts", "one"] }),
        ...conv,
      ],
    ],
    [
      "as in a mirror",
      [amounts(SPATIAL), node("MirrorPad", "padded", { inputs: ["x", "amounts"], mode: "REFLECT" }), ...conv],
    ],
  ])("is left alone: %s", (_title, nodes) => {
    const graph = graphOf([input, ...nodes], ["y"]);
    expect(prune(absorbPadding(graph)).has("padded")).toBe(true);
  });
});
