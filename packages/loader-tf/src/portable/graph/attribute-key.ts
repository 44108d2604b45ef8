import { TensorProto } from "@servable/tf-proto";
import type { Attribute, Attributes } from "./graph.js";

/** Text that is the same for equal attributes and for no others, whatever their order. */
export function attributesKey(attributes: Attributes): string {
  const entries = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, attribute]) => `${JSON.stringify(name)}=${attributeKey(attribute)}`).join(",");
}

/** Text that is the same for equal attributes and for no others: an int is not a float, and 0 is not -0. */
export function attributeKey(attribute: Attribute): string {
  if (typeof attribute === "bigint") return `${attribute}n`;
  if (typeof attribute === "number") return Object.is(attribute, -0) ? "-0" : String(attribute);
  if (typeof attribute === "boolean") return String(attribute);
  if (attribute instanceof Uint8Array) return `text:${attribute.join(".")}`;
  if (isList(attribute)) return `[${attribute.map(attributeKey).join(",")}]`;
  if ("type" in attribute) return `type:${attribute.type}`;
  if ("shape" in attribute) return attribute.shape === undefined ? "shape:?" : `shape:${attribute.shape.join(".")};`;
  if ("tensor" in attribute) return `tensor:${TensorProto.encode(attribute.tensor).finish().join(".")}`;
  if ("function" in attribute) return `function:${JSON.stringify(attribute.function)}`;
  return `placeholder:${JSON.stringify(attribute.placeholder)}`;
}

function isList(attribute: Attribute): attribute is readonly Attribute[] {
  return Array.isArray(attribute);
}
