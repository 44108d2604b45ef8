import type { Tensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { prune } from "../graph/effects.js";
import type { Graph } from "../graph/graph.js";
import { type Evaluate, foldConstants } from "./fold-constants.js";
import { removeIdentities } from "./remove-identities.js";
import { staticReshapes } from "./static-reshapes.js";

function ops(graph: Graph): string[] {
  return [...prune(graph).values()].map(({ op }) => op).sort();
}

const x = node("_Arg", "x");
const two = constant("two", [], [2]);
const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });

describe("folding constants", () => {
  const sum = (_: unknown, inputs: readonly Tensor[]): Tensor[] => [
    scalar(inputs.reduce((total, { data }) => total + Number(data[0]), 0)),
  ];

  it("computes what depends on constants alone, however deep", () => {
    const nodes = [
      two,
      node("AddV2", "four", { inputs: ["two", "two"] }),
      node("AddV2", "six", { inputs: ["four", "two"] }),
    ];
    const graph = prune(foldConstants(graphOf([x, ...nodes, node("Mul", "y", { inputs: ["x", "six"] })], ["y"]), sum));
    expect(ops(graph)).toEqual(["Const", "Mul", "_Arg", "_Retval"]);
    expect(graph.get("six")?.value?.data[0]).toBe(6);
  });

  it("gives each output of an operation its own constant", () => {
    const graph = graphOf([two, node("Unpack", "parts", { inputs: ["two"] })], ["parts", "parts:1"]);
    const folded = foldConstants(graph, () => [scalar(1), scalar(9)]);
    const values = ["result:parts", "result:parts:1"].map((name) => {
      const [edge] = folded.get(name)?.inputs ?? [];
      return folded.get(edge?.node ?? "")?.value?.data[0];
    });
    expect(values).toEqual([1, 9]);
  });

  it.each<[string, Evaluate]>([
    ["what cannot be evaluated", () => undefined],
    ["what would grow large", () => [{ dtype: "float32", shape: [100_000], data: new Float32Array(100_000) }]],
  ])("leaves %s", (_title, evaluate) => {
    const graph = graphOf([two, node("Fill", "y", { inputs: ["two", "two"] })], ["y"]);
    expect(ops(foldConstants(graph, evaluate))).toEqual(["Const", "Fill", "_Retval"]);
  });

  it("leaves arguments, even those with a constant default", () => {
    const graph = graphOf([two, node("_Arg", "a", { inputs: ["two"] })], ["a"]);
    expect(ops(foldConstants(graph, sum))).toContain("_Arg");
  });
});

describe("removing identities", () => {
  it("goes through chains of them and keeps arguments", () => {
    const nodes = [
      x,
      node("Identity", "a", { inputs: ["x"] }),
      node("StopGradient", "b", { inputs: ["a"] }),
      node("PlaceholderWithDefault", "c", { inputs: ["b"] }),
      node("Neg", "y", { inputs: ["c"] }),
    ];
    expect(ops(removeIdentities(graphOf(nodes, ["y", "b"])))).toEqual(["Neg", "_Arg", "_Retval", "_Retval"]);
  });

  it("ends where identities go round in a circle", () => {
    const nodes = [node("Identity", "a", { inputs: ["b"] }), node("Identity", "b", { inputs: ["a"] })];
    expect(() => prune(removeIdentities(graphOf(nodes, ["a"])))).toThrow("cycle");
  });
});

describe("shapes of reshapes", () => {
  function reshape(sizes: readonly string[]): Graph {
    const constants = ["0", "-1", "2", "3"].map((size) => constant(size, [], [Number(size)]));
    const nodes = [x, ...constants, node("_Arg", "n"), node("Pack", "shape", { inputs: sizes })];
    return staticReshapes(graphOf([...nodes, node("Reshape", "y", { inputs: ["x", "shape"] })], ["y"]));
  }

  it.each([
    [
      ["n", "2", "3"],
      [-1, 2, 3],
    ],
    [
      ["2", "n"],
      [2, -1],
    ],
  ])("%j become %j", (sizes, wanted) => {
    const graph = reshape(sizes);
    const shape = graph.get(graph.get("y")?.inputs[1]?.node ?? "")?.value?.data;
    expect([...(shape as Int32Array)]).toEqual(wanted);
  });

  it.each([[["n", "n"]], [["n", "0"]], [["n", "-1"]]])("%j stay as they are", (sizes) => {
    expect(reshape(sizes).get("y")?.inputs[1]?.node).toBe("shape");
  });
});
