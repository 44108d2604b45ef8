import type { NodeDef } from "@servable/tf-proto";
import { malformed } from "../graph/graph-error.js";
import { OUTPUT_NAMES } from "./output-names.js";

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
 * The number of output `name`, `index` of a node. Functions name outputs, graphs number them; of ops that have but one
 * output, or one list of outputs, the name says nothing.
 * @throws ServingError DATA_LOSS for a name that the op has not, or a list without its length before it
 */
export function outputNumber(node: NodeDef, name: string, index: number): number {
  const outputs = OUTPUT_NAMES[node.op];
  if (outputs === undefined) return index;
  let position = 0;
  for (const output of outputs) {
    const [known, length] = output.split("*");
    if (known === name) return position + index;
    position += length === undefined ? 1 : lengthOf(node, length);
  }
  throw malformed(`${node.op} ${node.name} has no output ${name}`);
}

/** How long a list of outputs is: what an int attribute says, or as long as a list of types. */
function lengthOf(node: NodeDef, attribute: string): number {
  const value = node.attr.get(attribute)?.value;
  // Attributes that have their default, none, are left out of saved models.
  if (value === undefined) return 0;
  if (value?.$case === "list") return value.value.type.length;
  const length = value?.$case === "i" ? Number(value.value) : -1;
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw malformed(`attribute ${attribute} of ${node.op} ${node.name} does not say how many outputs there are`);
}
