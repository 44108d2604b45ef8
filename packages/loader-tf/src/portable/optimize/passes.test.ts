import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError } from "../../testing/golden.js";
import { constant, graphOf, node, type Written } from "../../testing/graphs.js";
import { runGraph } from "../../testing/run-graph.js";
import { evaluator } from "../fold/evaluate.js";
import { prune } from "../graph/effects.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { wasmDevice } from "../run/wasm-device.js";
import { type OptimizeOptions, optimize, PASSES } from "./passes.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

const SHAPE = [1, 4, 4, 2];
const SIZE = 32;
const values = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, index) => Math.sin(seed + 1.3 * index));
const x: Tensor = { dtype: "float32", shape: SHAPE, data: Float32Array.from(values(SIZE, 0)) };

/** Operations that give a tensor of {@link SHAPE}; each takes values made before, then constants of these shapes. */
const OPS: readonly {
  readonly op: string;
  readonly takes: number;
  readonly constants?: readonly (readonly number[])[];
  readonly attributes?: Readonly<Record<string, Written>>;
}[] = [
  { op: "Identity", takes: 1 },
  { op: "StopGradient", takes: 1 },
  { op: "Neg", takes: 1 },
  { op: "Relu", takes: 1 },
  { op: "Relu6", takes: 1 },
  { op: "Sigmoid", takes: 1 },
  { op: "Elu", takes: 1 },
  { op: "LeakyRelu", takes: 1, attributes: { alpha: { float: 0.3 } } },
  { op: "RealDiv", takes: 1, constants: [[2]] },
  { op: "AddV2", takes: 2 },
  { op: "Mul", takes: 2 },
  { op: "Sub", takes: 2 },
  { op: "AddV2", takes: 1, constants: [[2]] },
  { op: "Mul", takes: 1, constants: [[1, 1, 1, 2]] },
  { op: "Mul", takes: 1, constants: [[]] },
  { op: "BiasAdd", takes: 1, constants: [[2]] },
  { op: "Conv2D", takes: 1, constants: [[3, 3, 2, 2]], attributes: { strides: [1, 1, 1, 1], padding: "SAME" } },
  {
    op: "DepthwiseConv2dNative",
    takes: 1,
    constants: [[3, 3, 2, 1]],
    attributes: { strides: [1, 1, 1, 1], padding: "SAME" },
  },
  { op: "FusedBatchNormV3", takes: 1, constants: [[2], [2], [2], [2]], attributes: { is_training: false } },
];

interface Choice {
  readonly op: number;
  readonly takes: readonly [number, number];
  readonly seed: number;
}

/** Node i takes of those before it: an argument, two constants, and what was made already. */
function graphFrom(choices: readonly Choice[]): { graph: Graph; names: readonly string[] } {
  const nodes: GraphNode[] = [node("_Arg", "x"), constant("c1", SHAPE, values(SIZE, 1)), constant("c2", SHAPE, [])];
  nodes[2] = constant("c2", SHAPE, values(SIZE, 2));
  const names = nodes.map(({ name }) => name);
  for (const [index, { op, takes, seed }] of choices.entries()) {
    const kind = OPS[op % OPS.length];
    if (kind === undefined) continue;
    const name = `n${index}`;
    const weights = (kind.constants ?? []).map((shape, number) => {
      const length = shape.reduce((size, dimension) => size * dimension, 1);
      // Variances come fourth and are positive.
      const made = values(length, seed % 3).map((value) => (number === 3 ? 1 + value ** 2 : value));
      return constant(`${name}/c${number}`, shape, made);
    });
    const taken = takes.slice(0, kind.takes).map((at) => names[at % names.length] ?? "x");
    const inputs = [...taken, ...weights.map((each) => each.name)];
    nodes.push(...weights, node(kind.op, name, { inputs, ...kind.attributes }));
    names.push(name);
  }
  return { graph: prune(graphOf(nodes, names.slice(-2))), names: names.slice(-2) };
}

const choices = fc.array(
  fc.record({ op: fc.nat(OPS.length - 1), takes: fc.tuple(fc.nat(), fc.nat()), seed: fc.nat(5) }),
  { minLength: 1, maxLength: 14 },
);
const switches: fc.Arbitrary<OptimizeOptions> = fc.record(
  Object.fromEntries(PASSES.map(({ name }) => [name, fc.boolean()])),
);

describe("the optimizer", () => {
  it("never changes answers, whichever passes are switched off", () => {
    fc.assert(
      fc.property(choices, switches, (chosen, options) => {
        const { graph } = graphFrom(chosen);
        const context = { evaluate: evaluator(device) };
        const optimized = optimize(graph, options, context).graph;
        const before = device.tensorCount;
        const wanted = runGraph(graph, { x }, device);
        const found = runGraph(optimized, { x }, device);
        for (const [name, tensor] of Object.entries(wanted)) {
          const scale = Math.max(1, ...Array.from(tensor.data as Float32Array, Math.abs));
          if (!Number.isFinite(scale) || scale > 1e30) continue;
          expect(largestError(found[name], tensor) / scale, name).toBeLessThan(1e-4);
        }
        expect(device.tensorCount).toBe(before);
      }),
      { numRuns: 150 },
    );
  });

  it("leaves no pass anything to do that has just run", () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const { graph } = graphFrom(chosen);
        const context = { evaluate: evaluator(device) };
        for (const { run } of PASSES) {
          const once = prune(run(graph, context));
          expect(prune(run(once, context)).size).toBe(once.size);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("never changes the graph that it is given", () => {
    const { graph } = graphFrom([
      { op: 0, takes: [0, 0], seed: 1 },
      { op: 15, takes: [3, 0], seed: 1 },
      { op: 14, takes: [4, 0], seed: 1 },
    ]);
    const before = structuredClone([...graph.values()]);
    optimize(graph, {}, { evaluate: evaluator(device) });
    expect([...graph.values()]).toStrictEqual(before);
  });

  it("runs a pass unless it is switched off, and counts nodes before and after", () => {
    const graph = graphOf([node("_Arg", "x"), node("Identity", "i", { inputs: ["x"] })], ["i"]);
    const { stages } = optimize(graph, { shapes: false }, { evaluate: () => undefined });
    expect(stages[0]).toEqual({ stage: "identities", before: 3, after: 2 });
    expect(stages.map(({ stage }) => stage)).not.toContain("shapes");
    expect(optimize(graph, { identities: false }, { evaluate: () => undefined }).graph.size).toBe(3);
  });
});
