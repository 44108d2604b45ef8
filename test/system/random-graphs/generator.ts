import { sizeOf } from "@servable/core";
import { Draw } from "./draw.js";
import { GraphBuilder, type WrittenNode } from "./graph-builder.js";
import { MOVEMENTS } from "./movements.js";
import { OPERATIONS } from "./operations.js";

/** A graph that TensorFlow and the portable engine can both read. */
export interface RandomGraph {
  readonly nodes: readonly WrittenNode[];
  /** Names of the outputs that are asked for. */
  readonly results: readonly string[];
}

const MAX_STEPS = 12;
const MAX_SIZE = 20_000;

/** The graph that a tape of numbers stands for: inputs of any shape, and a chain of operations on them. */
export function randomGraph(tape: readonly number[]): RandomGraph {
  const draw = new Draw(tape);
  const graph = new GraphBuilder(draw);
  for (let inputs = draw.between(1, 2); inputs > 0; inputs--) {
    const isImage = draw.isTrue();
    graph.input(Array.from({ length: isImage ? 4 : draw.between(0, 4) }, () => draw.between(1, isImage ? 6 : 5)));
  }
  for (let steps = draw.between(3, MAX_STEPS); steps > 0; steps--) {
    // Mostly the newest, so that chains get long.
    const small = graph.outputs.filter(({ shape }) => sizeOf(shape) <= MAX_SIZE);
    const x = draw.below(3) > 0 ? small.at(-1) : draw.of(small);
    if (x === undefined) break;
    const table = draw.below(3) > 0 ? OPERATIONS : MOVEMENTS;
    for (let tries = 0; tries < 5 && !draw.of(table)(graph, x); tries++);
  }
  const taken = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const results = graph.outputs.map(({ name }) => name).filter((name) => !taken.has(name));
  return { nodes: graph.nodes, results };
}
