import type { Tensor } from "@servable/core";
import { expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { prune } from "../graph/effects.js";
import { constantNode, type GraphNode } from "../graph/graph.js";
import { removeNeutral } from "./remove-neutral.js";

const x = node("_Arg", "x");
const one = constant("one", [], [1]);
const order = (...axes: number[]): GraphNode =>
  constantNode("order", { dtype: "int32", shape: [axes.length], data: Int32Array.from(axes) });

function isLeft(nodes: readonly GraphNode[]): boolean {
  return prune(removeNeutral(graphOf([x, ...nodes], ["y"]))).has("y");
}

it.each<[string, readonly GraphNode[]]>([
  ["x · 1", [one, node("Mul", "y", { inputs: ["x", "one"] })]],
  ["1 · x", [one, node("Mul", "y", { inputs: ["one", "x"] })]],
  ["x / 1", [one, node("RealDiv", "y", { inputs: ["x", "one"] })]],
  ["a transposition into the same order", [order(0, 1, 2), node("Transpose", "y", { inputs: ["x", "order"] })]],
  ["a chain of them", [one, node("Mul", "a", { inputs: ["x", "one"] }), node("Mul", "y", { inputs: ["one", "a"] })]],
])("%s goes", (_title, nodes) => {
  expect(isLeft(nodes)).toBe(false);
});

const long: Tensor = { dtype: "int64", shape: [], data: BigInt64Array.of(1n) };
it("so does a product with 1 of 64 bits", () => {
  expect(isLeft([constantNode("one", long), node("Mul", "y", { inputs: ["x", "one"] })])).toBe(false);
});

it.each<[string, readonly GraphNode[]]>([
  ["1 / x", [one, node("RealDiv", "y", { inputs: ["one", "x"] })]],
  ["x · 2", [constant("one", [], [2]), node("Mul", "y", { inputs: ["x", "one"] })]],
  [
    "x · [1], which may make a list of a scalar",
    [constant("one", [1], [1]), node("Mul", "y", { inputs: ["x", "one"] })],
  ],
  ["x + 0, which makes 0 of -0", [constant("zero", [], [0]), node("AddV2", "y", { inputs: ["x", "zero"] })]],
  ["a transposition into another order", [order(1, 0), node("Transpose", "y", { inputs: ["x", "order"] })]],
  [
    "a transposition into an order that is not known",
    [node("_Arg", "p"), node("Transpose", "y", { inputs: ["x", "p"] })],
  ],
])("%s stays", (_title, nodes) => {
  expect(isLeft(nodes)).toBe(true);
});
