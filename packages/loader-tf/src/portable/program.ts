import type { Tensor } from "@servable/core";
import type { SavedSignature } from "@servable/saved-model";
import type { Graph } from "./graph/graph.js";
import type { StageSize } from "./optimize/passes.js";
import type { Kernel } from "./run/kernel.js";

/** A signature, bound to the graph. */
export interface BoundSignature {
  readonly signature: SavedSignature;
  /** The node that each input is fed to, by the input's name; an input that no output depends on has none. */
  readonly feeds: ReadonlyMap<string, string>;
  /** The result node of each output, by the output's name. */
  readonly results: ReadonlyMap<string, string>;
  /** What must run for its effect when a result is asked for, by result node. */
  readonly effects: ReadonlyMap<string, readonly string[]>;
}

/** A compiled model: all that a session needs, and nothing of the files it came from. */
export interface Program {
  readonly signatures: ReadonlyMap<string, BoundSignature>;
  readonly graph: Graph;
  readonly kernels: ReadonlyMap<string, Kernel>;
  readonly constants: readonly Tensor[];
  /** The number of each constant node in `constants`. */
  readonly constantNumbers: ReadonlyMap<string, number>;
  readonly stages: readonly StageSize[];
  /** Bytes of the constants. */
  readonly constantBytes: number;
}
