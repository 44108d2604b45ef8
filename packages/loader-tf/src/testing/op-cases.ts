import { readdirSync, readFileSync } from "node:fs";
import type { DataType } from "@servable/tf-proto";
import type { Attribute, GraphNode } from "../portable/graph/graph.js";
import type { WrittenTensor } from "./golden.js";

/** A single operation, and what TensorFlow made of it. */
export interface OpCase {
  readonly op: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Record<string, unknown>>>;
  readonly inputs: readonly WrittenTensor[];
  readonly outputs: readonly WrittenTensor[];
}

/** The cases that TensorFlow made: see make_ops.py and the other scripts beside them. */
export function opCases(): OpCase[] {
  const folder = new URL("../../test-data/", import.meta.url);
  const names = ["ops.json", ...readdirSync(new URL("ops", folder)).map((name) => `ops/${name}`)];
  return names.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as OpCase[]);
}

/** What attributes are where a node leaves them out, by operation: see make_defaults.py. */
export function attributeDefaults(): Readonly<Record<string, OpCase["attributes"]>> {
  const path = new URL("../../test-data/defaults.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, OpCase["attributes"]>>;
}

/** The node of a case. */
export function nodeOfCase({ op, name, attributes }: OpCase): GraphNode {
  const entries = Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, attributeOf(value)]);
  return { name, op, inputs: [], controls: [], attributes: new Map(entries) };
}

function attributeOf(written: Record<string, unknown>): Attribute {
  const [[kind, value] = ["", undefined]] = Object.entries(written);
  if (kind === "ints") return (value as string[]).map(BigInt);
  if (kind === "texts") return (value as string[]).map((text) => new TextEncoder().encode(text));
  if (kind === "floats") return value as number[];
  if (kind === "types") return (value as DataType[]).map((type) => ({ type }));
  if (kind === "shapes") return (value as (number[] | null)[]).map((shape) => ({ shape: shape ?? undefined }));
  if (kind === "int") return BigInt(value as string);
  if (kind === "text") return new TextEncoder().encode(value as string);
  if (kind === "type") return { type: value as DataType };
  if (kind === "shape") return { shape: (value as number[] | null) ?? undefined };
  return value as number | boolean;
}
