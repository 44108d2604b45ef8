import { decodeTensorProto } from "@servable/saved-model";
import { type Pass, withBodies } from "../graph/bodies.js";
import { describeNode, malformed } from "../graph/graph-error.js";

/**
 * Gives every Const node its value. Only what a signature needs gets here, so that constants of no use are not decoded.
 * @throws SavedModelError DATA_LOSS for values that do not go with their shape
 */
export const decodeConstants: Pass = withBodies((graph) => {
  const nodes = new Map(graph);
  for (const node of graph.values()) {
    if (node.op !== "Const" || node.value !== undefined) continue;
    const attribute = node.attributes.get("value");
    if (typeof attribute !== "object" || !("tensor" in attribute))
      throw malformed(`${describeNode(node)} has no value`);
    nodes.set(node.name, { ...node, value: decodeTensorProto(attribute.tensor, describeNode(node)) });
  }
  return nodes;
});
