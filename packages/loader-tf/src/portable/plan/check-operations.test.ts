import { expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { KERNELS } from "../kernels/registry.js";
import { kernelsOf } from "./check-operations.js";

const x = node("_Arg", "x");

it.each([
  [
    "a dtype that the operation is not there for",
    [node("LRN", "scope/lrn", { inputs: ["x"], T: { dtype: "float64" } })],
    "LRN with dtype float64 (scope/lrn)",
  ],
  ["an operation that is not there", [node("Fft9D", "scope/fft", { inputs: ["x"] })], "Fft9D (scope/fft)"],
  [
    "several nodes of one",
    ["a", "b", "c", "d", "e"].map((name) => node("Fft9D", name, { inputs: ["x"] })),
    "Fft9D (a, b, c and 2 more)",
  ],
])("refuses %s at load, with its name and the nodes", (_title, nodes, message) => {
  expect(() => kernelsOf(graphOf([x, ...nodes], ["x"]), KERNELS)).toThrow(message);
});

it("says how many are refused, and the way out", () => {
  const nodes = [node("Fft9D", "a", { inputs: ["x"] }), node("LRN", "b", { T: { dtype: "float64" } })];
  expect(() => kernelsOf(graphOf([x, ...nodes], ["x"]), KERNELS)).toThrow(
    /cannot run 2 of the model's operations: .*engine: "native"/,
  );
});

it("makes a kernel of each node that needs one", () => {
  const graph = graphOf([x, constant("c", [], [1]), node("AddV2", "y", { inputs: ["x", "c"] })], ["y"]);
  expect([...kernelsOf(graph, KERNELS).keys()]).toEqual(["y"]);
});
