import type { Tensor } from "@servable/core";
import type { DataType, TensorProto } from "@servable/tf-proto";
import type { Table } from "../tables/table.js";

/** One output of a node, as another node takes it. */
export interface Edge {
  readonly node: string;
  readonly output: number;
}

/** The value of an attribute: ints are bigints, floats numbers, so that the two are never confused. */
export type Attribute =
  | bigint
  | number
  | boolean
  | Uint8Array
  | { readonly type: DataType }
  | { readonly shape: readonly number[] | undefined }
  | { readonly tensor: TensorProto }
  | { readonly function: string }
  | { readonly placeholder: string }
  | readonly Attribute[];

/** The attributes of a node, by name. */
export type Attributes = ReadonlyMap<string, Attribute>;

/** One operation of a graph. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Edge[];
  /** Nodes that must have run before, without giving a value. */
  readonly controls: readonly string[];
  readonly attributes: Attributes;
  /** The value, of `Const` nodes whose value has been decoded. */
  readonly value?: Tensor;
  /** The table, of nodes that are one, once it has been filled. */
  readonly table?: Table;
  /** What a control flow node may run, in the order in which its operation names them. */
  readonly bodies?: readonly Body[];
}

/** A graph that a control flow node runs: the branch of an If, the condition or the body of a While. */
export interface Body {
  /** Names are unique among all graphs of a model, but for constants, which may be known by one name in several. */
  readonly graph: Graph;
  /** Names of the nodes that take the inputs, in order; one that nothing needs may be missing from the graph. */
  readonly arguments: readonly string[];
  /** Names of the result nodes, in order. */
  readonly results: readonly string[];
}

/**
 * A graph without functions, by node name. Nodes of op {@link RESULT} are its results: what they do not need may be
 * removed. Passes never change a graph; they make another.
 */
export type Graph = ReadonlyMap<string, GraphNode>;

/** The op of a node that marks its only input as a result of the graph. */
export const RESULT = "_Retval";

/** The op of a node that a call may feed. Its input, if it has one, is its value where it is not fed. */
export const ARGUMENT = "_Arg";

/**
 * The op of a node that gives its first input, unless one of the others was not computed: it stands for control edges
 * out of the branch of a TensorFlow 1 conditional.
 */
export const GUARD = "_Guard";

/** What most nodes lack, shared. */
export const NO_ATTRIBUTES: Attributes = new Map();

/** A constant node. */
export function constantNode(name: string, value: Tensor): GraphNode {
  return { name, op: "Const", inputs: [], controls: [], attributes: NO_ATTRIBUTES, value };
}

/** `scope/mul:0`, for messages and as a key. */
export function formatEdge(edge: Edge): string {
  return `${edge.node}:${edge.output}`;
}
