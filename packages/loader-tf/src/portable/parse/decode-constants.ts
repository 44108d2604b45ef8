import type { Tensor } from "@servable/core";
import { decodeTensorProto } from "@servable/saved-model";
import type { TensorProto } from "@servable/tf-proto";
import { withBodies } from "../graph/bodies.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { bytesFor } from "../kernels/host/allowance.js";
import { checkedShape } from "../kernels/host/shapes.js";

/** What all constants of a model together may grow by when values that repeat are spelled out. */
const MAX_FILLED_BYTES = 2 ** 28;

/**
 * Gives every Const node its value. Only what a signature needs gets here, so that constants of no use are not decoded.
 * @throws SavedModelError or ServingError DATA_LOSS for values that do not go with their shape
 */
export function decodeConstants(graph: Graph): Graph {
  // A function that is called often brings the same constant with each call.
  const known = new Map<TensorProto, Tensor>();
  let filled = 0;
  const decode = (node: GraphNode, proto: TensorProto): Tensor => {
    const tensor = decodeTensorProto(proto, describeNode(node));
    checkedShape(tensor.shape);
    filled += Math.max(0, bytesFor(tensor.dtype, tensor.data.length) - contentBytes(proto));
    if (filled > MAX_FILLED_BYTES) throw malformed(`its constants claim ${filled} bytes more than they have`);
    known.set(proto, tensor);
    return tensor;
  };
  const pass = withBodies((each) => {
    const nodes = new Map(each);
    for (const node of each.values()) {
      if (node.op !== "Const" || node.value !== undefined) continue;
      const attribute = node.attributes.get("value");
      if (typeof attribute !== "object" || !("tensor" in attribute))
        throw malformed(`${describeNode(node)} has no value`);
      nodes.set(node.name, { ...node, value: known.get(attribute.tensor) ?? decode(node, attribute.tensor) });
    }
    return nodes;
  });
  return pass(graph);
}

/** At least the bytes that a tensor's values take in the file. */
function contentBytes({ tensorContent, ...lists }: TensorProto): number {
  const values = [lists.floatVal, lists.doubleVal, lists.intVal, lists.int64Val, lists.boolVal, lists.halfVal];
  const more = [lists.scomplexVal, lists.dcomplexVal, lists.uint32Val, lists.uint64Val, lists.stringVal];
  return tensorContent.length + [...values, ...more].reduce((sum, { length }) => sum + 8 * length, 0);
}
