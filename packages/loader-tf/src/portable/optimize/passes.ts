import { type Evaluate, foldConstants } from "../fold/fold-constants.js";
import { removeIdentities } from "../fold/remove-identities.js";
import { removeNeutral } from "../fold/remove-neutral.js";
import { staticReshapes } from "../fold/static-reshapes.js";
import { absorbPadding } from "../fuse/absorb-padding.js";
import { fuse } from "../fuse/fuse.js";
import { allNodes, withBodies } from "../graph/bodies.js";
import { prune } from "../graph/effects.js";
import type { Graph } from "../graph/graph.js";
import { mergeCommon } from "./merge-common.js";

/** What of the optimizer may be switched off, to find a fault; answers stay the same but for rounding. */
export interface OptimizeOptions {
  /** Let whoever takes the value of an identity take what the identity takes. @defaultValue true */
  readonly identities?: boolean;
  /** Compute at load what depends on constants alone. @defaultValue true */
  readonly constants?: boolean;
  /** Give reshapes a constant shape where one size alone is not known. @defaultValue true */
  readonly shapes?: boolean;
  /** Let go of products with 1, and of transpositions that leave the order as it is. @defaultValue true */
  readonly neutral?: boolean;
  /** Compute once what several nodes compute alike. @defaultValue true */
  readonly commonSubexpressions?: boolean;
  /** Let convolutions pad their images themselves. @defaultValue true */
  readonly padding?: boolean;
  /** Make one operation of convolutions and products with bias, batch norm and activation. @defaultValue true */
  readonly fusion?: boolean;
}

/** What passes need beside the graph. */
export interface PassContext {
  readonly evaluate: Evaluate;
}

/** One step of the optimizer: the same answers from a graph that is cheaper to run. Pure. */
export interface Pass {
  /** The option that switches it off, and its name in `describe()`. */
  readonly name: keyof OptimizeOptions;
  readonly run: (graph: Graph, context: PassContext) => Graph;
}

/** Every pass, in the order in which they run. */
export const PASSES: readonly Pass[] = [
  { name: "identities", run: removeIdentities },
  { name: "constants", run: (graph, { evaluate }) => foldConstants(graph, evaluate) },
  { name: "shapes", run: staticReshapes },
  { name: "neutral", run: removeNeutral },
  { name: "commonSubexpressions", run: mergeCommon },
  { name: "padding", run: absorbPadding },
  { name: "fusion", run: fuse },
];

/** How many nodes a stage of the compiler found and left. */
export interface StageSize {
  readonly stage: string;
  readonly before: number;
  readonly after: number;
}

/** A graph, and how it was made smaller. */
export interface Optimized {
  readonly graph: Graph;
  readonly stages: readonly StageSize[];
}

/** A stage that made `after` of `before`; nodes of bodies count. */
export function stageSize(stage: string, before: Graph, after: Graph): StageSize {
  return { stage, before: [...allNodes(before)].length, after: [...allNodes(after)].length };
}

/**
 * Runs the passes that are not switched off, on the bodies of control flow too; nodes that no result needs any more go
 * after each.
 */
export function optimize(graph: Graph, options: OptimizeOptions, context: PassContext): Optimized {
  const stages: StageSize[] = [];
  let current = graph;
  for (const { name, run } of PASSES) {
    if (options[name] === false) continue;
    const next = prune(withBodies((each) => run(each, context))(current));
    stages.push(stageSize(name, current, next));
    current = next;
  }
  return { graph: current, stages };
}
