import { malformed } from "../graph/graph-error.js";

/** What a NodeDef's input says, taken apart. */
export type Reference =
  | { readonly control: true; readonly node: string }
  | { readonly control: false; readonly node: string; readonly output?: string; readonly index: number };

/** No operation has so many outputs. */
const MAX_OUTPUT = 2 ** 20;

/**
 * Takes an input apart: `^node` (control), `node`, `node:1` as graphs write them, `node:output:1` as functions do.
 * @throws ServingError DATA_LOSS if it is none of these
 */
export function parseReference(input: string): Reference {
  if (input.startsWith("^")) return { control: true, node: input.slice(1) };
  const [node = "", second, third, ...rest] = input.split(":");
  const index = Number(third ?? second ?? 0);
  if (node === "" || rest.length > 0 || !Number.isInteger(index) || index < 0 || index > MAX_OUTPUT) {
    throw malformed(`"${input}" names no tensor`);
  }
  return third === undefined || second === undefined
    ? { control: false, node, index }
    : { control: false, node, output: second, index };
}

/**
 * The outputs of ops that have several, in order. Functions name outputs, graphs number them; of all other ops the
 * only output (or list of outputs) begins at 0.
 */
const OUTPUT_NAMES: Readonly<Record<string, readonly string[]>> = {
  FusedBatchNorm: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
  FusedBatchNormV2: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
  FusedBatchNormV3: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"],
  Merge: ["output", "value_index"],
  Switch: ["output_false", "output_true"],
  Svd: ["s", "u", "v"],
  TopK: ["values", "indices"],
  TopKV2: ["values", "indices"],
  Unique: ["y", "idx"],
  UniqueV2: ["y", "idx"],
  UniqueWithCounts: ["y", "idx", "count"],
};

/** The number of output `name`, `index` of an op. */
export function outputNumber(op: string, name: string, index: number): number {
  const position = OUTPUT_NAMES[op]?.indexOf(name) ?? 0;
  return Math.max(position, 0) + index;
}
