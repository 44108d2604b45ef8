import type { DType } from "@servable/core";
import { type DataType, dataTypeEnumName, dataTypeName } from "@servable/tf-proto";
import type { Attribute, GraphNode } from "./graph.js";
import { describeNode, kindOf, malformed, unsupported } from "./graph-error.js";

const utf8 = new TextDecoder();

/**
 * An int attribute as a number.
 * @throws ServingError DATA_LOSS if it is missing without a default, of another kind, or beyond the safe integers
 */
export function intAttribute(node: GraphNode, name: string, fallback?: number): number {
  const found = node.attributes.get(name);
  return found === undefined && fallback !== undefined ? fallback : toInt(node, name, found);
}

/** A float attribute. */
export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const found = node.attributes.get(name) ?? fallback;
  return typeof found === "number" ? found : wrongKind(node, name, "a float");
}

/** A bool attribute. */
export function boolAttribute(node: GraphNode, name: string, fallback: boolean): boolean {
  const found = node.attributes.get(name) ?? fallback;
  return typeof found === "boolean" ? found : wrongKind(node, name, "a bool");
}

/** A string attribute as text. */
export function textAttribute(node: GraphNode, name: string, fallback: string): string {
  const found = node.attributes.get(name);
  if (found === undefined) return fallback;
  return found instanceof Uint8Array ? utf8.decode(found) : wrongKind(node, name, "a string");
}

/** A list of ints. */
export function intsAttribute(node: GraphNode, name: string, fallback?: readonly number[]): readonly number[] {
  const found = node.attributes.get(name);
  if (found === undefined && fallback !== undefined) return fallback;
  if (!Array.isArray(found)) return wrongKind(node, name, "a list of ints");
  return found.map((item: Attribute) => toInt(node, name, item));
}

/** A list of floats. */
export function floatsAttribute(node: GraphNode, name: string): readonly number[] {
  const found = node.attributes.get(name);
  if (!Array.isArray(found)) return wrongKind(node, name, "a list of floats");
  return found.map((item: Attribute) => (typeof item === "number" ? item : wrongKind(node, name, "a list of floats")));
}

/** A list of strings as text. */
export function textsAttribute(node: GraphNode, name: string): readonly string[] {
  return listAttribute(node, name, "a list of strings").map((item) =>
    item instanceof Uint8Array ? utf8.decode(item) : wrongKind(node, name, "a list of strings"),
  );
}

/** A list of shapes; -1 for a size, and undefined for a shape, that is not known. */
export function shapesAttribute(node: GraphNode, name: string): readonly (readonly number[] | undefined)[] {
  return listAttribute(node, name, "a list of shapes").map((item) =>
    typeof item === "object" && "shape" in item ? item.shape : wrongKind(node, name, "a list of shapes"),
  );
}

/**
 * A list of types.
 * @throws ServingError UNSUPPORTED for types without elements (resource, variant) and quantized ones
 */
export function typesAttribute(node: GraphNode, name: string): readonly DType[] {
  return listAttribute(node, name, "a list of types").map((item) =>
    typeof item === "object" && "type" in item ? dtypeOf(item.type) : wrongKind(node, name, "a list of types"),
  );
}

/**
 * A type attribute.
 * @throws ServingError UNSUPPORTED for types without elements (resource, variant) and quantized ones
 */
export function typeAttribute(node: GraphNode, name: string, fallback?: DType): DType {
  const found = node.attributes.get(name);
  if (found === undefined && fallback !== undefined) return fallback;
  if (typeof found !== "object" || !("type" in found)) return wrongKind(node, name, "a type");
  return dtypeOf(found.type);
}

function dtypeOf(type: DataType): DType {
  const dtype = dataTypeName(type);
  if (dtype === undefined) throw unsupported(`dtype ${dataTypeEnumName(type)}`);
  return dtype;
}

function listAttribute(node: GraphNode, name: string, wanted: string): readonly Attribute[] {
  const found = node.attributes.get(name);
  return Array.isArray(found) ? (found as readonly Attribute[]) : wrongKind(node, name, wanted);
}

function toInt(node: GraphNode, name: string, found: Attribute | undefined): number {
  if (typeof found !== "bigint") return wrongKind(node, name, "an int");
  const value = Number(found);
  return Number.isSafeInteger(value) ? value : wrongKind(node, name, "an int below 2^53");
}

function wrongKind(node: GraphNode, name: string, wanted: string): never {
  const found = kindOf(node.attributes.get(name));
  throw malformed(`attribute ${name} of ${describeNode(node)} should be ${wanted}, found ${found}`);
}
