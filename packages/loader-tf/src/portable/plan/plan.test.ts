import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { programOf, runGraph } from "../../testing/run-graph.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { wasmDevice } from "../run/wasm-device.js";
import { makePlan, type Plan } from "./plan.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });

function planOf(graph: Graph): Plan {
  const program = programOf(graph);
  const bound = program.signatures.get("s");
  if (bound === undefined) throw new Error("no signature");
  return makePlan({
    ...program,
    constants: program.constantNumbers,
    feeds: bound.feeds,
    results: bound.results,
    effects: [],
  });
}

/** Any graph of sums and differences: node i takes two of those before it. */
const graphs = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 30 })
  .chain((choices) => {
    const nodes: GraphNode[] = [node("_Arg", "n0"), constant("n1", [], [3])];
    for (const [left, right, plus] of choices) {
      const inputs = [`n${left % nodes.length}`, `n${right % nodes.length}`];
      nodes.push(node(plus ? "AddV2" : "Sub", `n${nodes.length}`, { inputs }));
    }
    const names = nodes.map(({ name }) => name);
    return fc.subarray(names, { minLength: 1 }).map((results) => ({ nodes, graph: graphOf(nodes, results), results }));
  });

function valueOf(name: string, nodes: readonly GraphNode[], x: number): number {
  const found = nodes.find((each) => each.name === name);
  if (found?.op === "_Arg") return x;
  if (found?.value !== undefined) return Number(found.value.data[0]);
  const [a = Number.NaN, b = Number.NaN] = (found?.inputs ?? []).map((edge) => valueOf(edge.node, nodes, x));
  return Math.fround(found?.op === "Sub" ? a - b : a + b);
}

describe("a plan", () => {
  it("gives what the graph says, for any graph and choice of results", () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: -9, max: 9 }), ({ nodes, graph, results }, x) => {
        const before = device.tensorCount;
        const found = runGraph(graph, { n0: scalar(x) }, device);
        for (const name of results) {
          // Sums of thirty doublings are exact in float32.
          expect(found[`result:${name}`]?.data[0], name).toBe(valueOf(name, nodes.slice(0, 22), x) || 0);
        }
        expect(device.tensorCount).toBe(before);
      }),
      { numRuns: 50 },
    );
  });

  it("frees each register once, after its last use, and takes it again", () => {
    fc.assert(
      fc.property(graphs, ({ graph }) => {
        const plan = planOf(graph);
        const held = new Set(plan.feeds.values());
        for (const { inputs, outputs, free } of plan.steps) {
          for (const operand of inputs) expect(operand < 0 || held.has(operand)).toBe(true);
          for (const register of outputs) {
            expect(held.has(register)).toBe(false);
            held.add(register);
          }
          for (const register of free) expect(held.delete(register)).toBe(true);
        }
        for (const operand of plan.results.values()) expect(operand < 0 || held.has(operand)).toBe(true);
        expect(plan.registers).toBeLessThanOrEqual(plan.steps.length + plan.feeds.size);
      }),
    );
  });

  it("needs two registers for a chain of any length", () => {
    const chain = Array.from({ length: 50 }, (_, index) => node("Neg", `n${index + 1}`, { inputs: [`n${index}`] }));
    expect(planOf(graphOf([node("_Arg", "n0"), ...chain], ["n50"])).registers).toBe(2);
  });

  it("uses the default of an argument that is not fed", () => {
    const argument = node("_Arg", "x", { inputs: ["c"] });
    const graph = graphOf([constant("c", [], [5]), argument, node("Neg", "y", { inputs: ["x"] })], ["y"]);
    const program = programOf(graph);
    const request = {
      ...program,
      constants: program.constantNumbers,
      results: new Map([["y", "result:y"]]),
      effects: [],
    };
    expect(makePlan({ ...request, feeds: new Map() }).steps[0]?.inputs).toEqual([-1]);
    expect(makePlan({ ...request, feeds: new Map([["x", "x"]]) }).steps[0]?.inputs).toEqual([0]);
  });

  it("lets the call fail that needs a placeholder which nobody feeds", () => {
    const graph = graphOf([node("Placeholder", "p"), node("Neg", "y", { inputs: ["p"] })], ["y"]);
    expect(() => runGraph(graph, {}, device)).toThrow("feeds no value to Placeholder p");
  });

  it("runs assertions, and says what they say", () => {
    const check = [
      node("_Arg", "x"),
      constant("zero", [], [0]),
      node("Greater", "positive", { inputs: ["x", "zero"] }),
      node("Assert", "check", { inputs: ["positive", "x"] }),
    ];
    const graph = graphOf([...check, node("Neg", "y", { inputs: ["x"] })], ["y"]);
    expect(runGraph(graph, { x: scalar(2) }, device)["result:y"]?.data[0]).toBe(-2);
    expect(() => runGraph(graph, { x: scalar(-2) }, device)).toThrow("Assert check: the model's own check failed: -2");
  });

  it("releases everything when an operation fails", () => {
    const before = device.tensorCount;
    const graph = graphOf([node("_Arg", "x"), node("_Arg", "y"), node("MatMul", "z", { inputs: ["x", "y"] })], ["z"]);
    const matrix: Tensor = { dtype: "float32", shape: [2, 3], data: new Float32Array(6) };
    expect(() => runGraph(graph, { x: matrix, y: matrix }, device)).toThrow(
      "MatMul z: matrices of shape [2, 3] and [2, 3]",
    );
    expect(device.tensorCount).toBe(before);
  });
});
