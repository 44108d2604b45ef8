import { ServingError } from "@servable/core";
import type { Attribute, GraphNode } from "./graph.js";

/** A graph that TensorFlow would not have written: an edge to nowhere, a cycle, an attribute of the wrong kind. */
export function malformed(message: string): ServingError {
  return new ServingError("DATA_LOSS", `saved_model.pb is damaged: ${message}`);
}

/** Something that TensorFlow can do and the portable engine cannot. */
export function unsupported(message: string): ServingError {
  return new ServingError("UNSUPPORTED", message);
}

/** `Conv2D conv/conv2d`: how nodes are named in messages. */
export function describeNode(node: GraphNode): string {
  return `${node.op} ${node.name}`;
}

/** What kind of attribute this is, for messages. */
export function kindOf(attribute: Attribute | undefined): string {
  if (attribute === undefined) return "nothing";
  if (typeof attribute === "bigint") return "an int";
  if (typeof attribute === "number") return "a float";
  if (typeof attribute === "boolean") return "a bool";
  if (attribute instanceof Uint8Array) return "a string";
  if (Array.isArray(attribute)) return "a list";
  return `a ${Object.keys(attribute)[0] ?? "value"}`;
}
