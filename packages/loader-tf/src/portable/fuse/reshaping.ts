import { intsAttribute } from "../graph/attributes.js";
import type { Edge, Graph, GraphNode } from "../graph/graph.js";

/** A value with its channels last. */
export interface Channels {
  /** The node whose first output it is. */
  readonly node: string;
  readonly channels: number;
  /** At least. */
  readonly rank: number;
}

/**
 * The rank, at least, of what a node makes of a value, if it only gives it another shape with the same channels last:
 * what is done to each channel may then as well be done before. Undefined for anything else.
 */
export function rankReshaped(
  node: GraphNode,
  { node: from, channels, rank }: Channels,
  graph: Graph,
): number | undefined {
  const [value, shape] = node.inputs;
  if (value?.node !== from) return undefined;
  if (node.op === "Squeeze") {
    const axes = intsAttribute(node, "squeeze_dims", []);
    const isKept = axes.length > 0 && axes.every((axis) => (axis < 0 ? axis !== -1 : axis < rank - 1));
    return isKept ? rank - axes.length : undefined;
  }
  if (node.op !== "Reshape" || shape === undefined) return undefined;
  const end = endOf(shape, graph);
  return end?.size === channels ? end.rank : undefined;
}

interface ShapeEnd {
  /** The last size. */
  readonly size: number;
  /** How many sizes there are at least. */
  readonly rank: number;
}

/** The last size of a shape, where that is constant. */
function endOf(shape: Edge, graph: Graph): ShapeEnd | undefined {
  const node = graph.get(shape.node);
  if (node?.value !== undefined) {
    const { data } = node.value;
    return data.length === 0 ? undefined : { size: Number(data[data.length - 1]), rank: data.length };
  }
  // What a Pack puts together are single sizes; of a ConcatV2 the last input is the axis, and a list of sizes before.
  const at = node?.op === "Pack" ? -1 : node?.op === "ConcatV2" ? -2 : undefined;
  const last = at === undefined ? undefined : node?.inputs.at(at);
  const end = last === undefined || node === undefined ? undefined : endOf(last, graph);
  return end === undefined || node?.op === "ConcatV2" ? end : { ...end, rank: node?.inputs.length ?? 1 };
}
