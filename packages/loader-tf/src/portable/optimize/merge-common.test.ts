import { describe, expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { prune } from "../graph/effects.js";
import { constantNode, type GraphNode } from "../graph/graph.js";
import { mergeCommon } from "./merge-common.js";

const x = node("_Arg", "x");
const y = node("_Arg", "y");

/** How many of `nodes` are left, when the last two are results. */
function left(nodes: readonly GraphNode[]): number {
  const names = nodes.slice(-2).map(({ name }) => name);
  const merged = prune(mergeCommon(graphOf([x, y, ...nodes], names)));
  return nodes.filter(({ name }) => merged.has(name)).length;
}

const ints = (name: string, values: readonly bigint[]): GraphNode =>
  constantNode(name, { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values) });

describe("merging what is computed twice", () => {
  it.each<[string, readonly GraphNode[]]>([
    [
      "the same operation on the same input",
      [node("Neg", "a", { inputs: ["x"] }), node("Neg", "b", { inputs: ["x"] })],
    ],
    [
      "inputs that change places where that does not matter",
      [node("Mul", "a", { inputs: ["x", "y"] }), node("Mul", "b", { inputs: ["y", "x"] })],
    ],
    [
      "equal attributes",
      [
        node("Cast", "a", { inputs: ["x"], DstT: { dtype: "int32" } }),
        node("Cast", "b", { inputs: ["x"], DstT: { dtype: "int32" } }),
      ],
    ],
    ["equal constants", [constant("a", [2], [1, Number.NaN]), constant("b", [2], [1, Number.NaN])]],
    ["equal constants of 64 bits", [ints("a", [2n ** 60n]), ints("b", [2n ** 60n])]],
  ])("takes one for both: %s", (_title, nodes) => {
    expect(left(nodes)).toBe(1);
  });

  it.each<[string, readonly GraphNode[]]>([
    ["other operations", [node("Neg", "a", { inputs: ["x"] }), node("Abs", "b", { inputs: ["x"] })]],
    ["other inputs", [node("Neg", "a", { inputs: ["x"] }), node("Neg", "b", { inputs: ["y"] })]],
    [
      "inputs that change places where that matters",
      [node("Sub", "a", { inputs: ["x", "y"] }), node("Sub", "b", { inputs: ["y", "x"] })],
    ],
    ["other outputs", [node("Neg", "a", { inputs: ["x:1"] }), node("Neg", "b", { inputs: ["x"] })]],
    [
      "other attributes",
      [
        node("Cast", "a", { inputs: ["x"], DstT: { dtype: "int32" } }),
        node("Cast", "b", { inputs: ["x"], DstT: { dtype: "int64" } }),
      ],
    ],
    ["0 and -0", [constant("a", [1], [0]), constant("b", [1], [-0])]],
    ["constants of other shapes", [constant("a", [1], [2]), constant("b", [], [2])]],
    ["constants that are nearly equal", [ints("a", [2n ** 60n]), ints("b", [2n ** 60n + 1n])]],
    ["random numbers", [node("RandomUniform", "a", { inputs: ["x"] }), node("RandomUniform", "b", { inputs: ["x"] })]],
    ["tables", [node("MutableHashTableV2", "a"), node("MutableHashTableV2", "b")]],
    ["arrays", [node("TensorArrayV3", "a", { inputs: ["x"] }), node("TensorArrayV3", "b", { inputs: ["x"] })]],
  ])("leaves %s apart", (_title, nodes) => {
    expect(left(nodes)).toBe(2);
  });

  it("goes on with what was merged, and keeps each result and each effect", () => {
    const nodes = [
      node("Neg", "a", { inputs: ["x"] }),
      node("Neg", "b", { inputs: ["x"] }),
      node("Abs", "c", { inputs: ["a"] }),
      node("Abs", "d", { inputs: ["b"] }),
      node("Assert", "e", { inputs: ["c"] }),
      node("Assert", "f", { inputs: ["d"] }),
    ];
    const merged = prune(mergeCommon(graphOf([x, ...nodes], ["c", "d"])));
    expect([...merged.keys()].sort()).toEqual(["a", "c", "e", "f", "result:c", "result:d", "x"]);
    expect(merged.get("result:d")?.inputs).toEqual([{ node: "c", output: 0 }]);
  });

  it("merges what a loop goes back to", () => {
    const loop = [
      node("Merge", "merge", { inputs: ["x", "next"] }),
      node("Neg", "a", { inputs: ["merge"] }),
      node("Neg", "b", { inputs: ["merge"] }),
      node("NextIteration", "next", { inputs: ["b"] }),
    ];
    const merged = prune(mergeCommon(graphOf([x, ...loop], ["a", "b"])));
    expect([...merged.values()].filter(({ op }) => op === "Neg")).toHaveLength(1);
  });
});
