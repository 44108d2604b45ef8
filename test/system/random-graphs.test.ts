import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluator } from "../../packages/loader-tf/src/portable/fold/evaluate.js";
import { type Graph, type GraphNode, RESULT } from "../../packages/loader-tf/src/portable/graph/graph.js";
import { type OptimizeOptions, optimize } from "../../packages/loader-tf/src/portable/optimize/passes.js";
import { wasmDevice } from "../../packages/loader-tf/src/portable/run/wasm-device.js";
import { largestError, tensorOf, type WrittenTensor } from "../../packages/loader-tf/src/testing/golden.js";
import { nodeOfCase } from "../../packages/loader-tf/src/testing/op-cases.js";
import { runGraph } from "../../packages/loader-tf/src/testing/run-graph.js";
import { root } from "../repository/sources.js";
import { type RandomGraph, randomGraph } from "./random-graphs/generator.js";
import { run } from "./run.js";

// Provided by `npm test`, which says so where it cannot.
const python = process.env["SERVABLE_PYTHON"] ?? "";
const COUNT = process.env["SERVABLE_NIGHTLY"] === "1" ? 500 : 50;
const TOLERANCE = 2e-4;
const AS_IT_IS: OptimizeOptions = {
  identities: false,
  constants: false,
  shapes: false,
  neutral: false,
  commonSubexpressions: false,
  padding: false,
  fusion: false,
};

/** What TensorFlow gives for each graph. */
async function asked(graphs: readonly RandomGraph[]): Promise<WrittenTensor[][]> {
  const folder = await mkdtemp(join(tmpdir(), "servable-graphs-"));
  try {
    await writeFile(join(folder, "graphs.json"), JSON.stringify(graphs));
    const script = join(root, "test/system/random-graphs/run_graphs.py");
    const paths = [join(folder, "graphs.json"), join(folder, "results.json")];
    const { status, output } = await run(python, [script, ...paths], root);
    expect(status, output).toBe(0);
    const text = await readFile(join(folder, "results.json"), "utf8");
    // Python writes numbers that JSON does not have.
    return JSON.parse(text.replaceAll(/-?\bInfinity\b|\bNaN\b/g, '"$&"')) as WrittenTensor[][];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function graphOf({ nodes, results }: RandomGraph): Graph {
  const edge = (name: string): { node: string; output: number } => {
    const [node = "", output = "0"] = name.split(":");
    return { node, output: Number(output) };
  };
  const made = nodes.map(({ name, op, inputs, attributes, value }): GraphNode => {
    const isInput = op === "Placeholder";
    const node = nodeOfCase({ op: isInput ? "_Arg" : op, name, attributes, inputs: [], outputs: [] });
    const own = { ...node, inputs: inputs.map(edge) };
    return value === undefined || isInput ? own : { ...own, value: tensorOf(value) };
  });
  const marks = results.map(
    (name): GraphNode => ({
      name: `result:${name}`,
      op: RESULT,
      inputs: [edge(name)],
      controls: [],
      attributes: new Map(),
    }),
  );
  return new Map([...made, ...marks].map((node) => [node.name, node]));
}

function inputsOf({ nodes }: RandomGraph): Record<string, Tensor> {
  const inputs = nodes.filter(({ op }) => op === "Placeholder");
  return Object.fromEntries(
    inputs.flatMap(({ name, value }) => (value === undefined ? [] : [[name, tensorOf(value)]])),
  );
}

describe.skipIf(python === "")("random graphs", () => {
  it(`${COUNT} of them give what TensorFlow gives, as they are and optimized`, { timeout: 600_000 }, async () => {
    const seed = Number(process.env["SERVABLE_SEED"] ?? Date.now() % 2 ** 31);
    console.info(`random graphs: ${COUNT}, seed ${seed} (SERVABLE_SEED)`);
    const tape = fc.array(fc.nat(), { minLength: 400, maxLength: 400 });
    const graphs = fc.sample(tape, { seed, numRuns: COUNT }).map(randomGraph);
    const wanted = await asked(graphs);
    const device = await wasmDevice();
    for (const [at, random] of graphs.entries()) {
      const graph = graphOf(random);
      for (const options of [AS_IT_IS, {}]) {
        const optimized = optimize(graph, options, { evaluate: evaluator(device) }).graph;
        const found = runGraph(optimized, inputsOf(random), device);
        for (const [index, name] of random.results.entries()) {
          const expected = tensorOf(wanted[at]?.[index] ?? { dtype: "bool", shape: [0], data: [] });
          const finite = Array.from(expected.data as Float32Array, Math.abs).filter(Number.isFinite);
          const error = largestError(found[`result:${name}`], expected) / Math.max(1, ...finite);
          expect(error, `graph ${at}: ${name} of ${JSON.stringify(random)}`).toBeLessThanOrEqual(TOLERANCE);
        }
      }
    }
  });
});
