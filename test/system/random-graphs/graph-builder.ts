import { sizeOf } from "@servable/core";
import type { Draw } from "./draw.js";

/** An attribute as the scripts that ask TensorFlow write it: see packages/loader-tf/test-data. */
export type WrittenAttribute = Readonly<Record<string, unknown>>;

/** The dtypes of random graphs. */
export type RandomDType = "float32" | "int32" | "bool";

/** A node as both sides read it. A constant or an input has a value. */
export interface WrittenNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, WrittenAttribute>>;
  readonly value?: { readonly dtype: RandomDType; readonly shape: readonly number[]; readonly data: readonly number[] };
}

/** An output of a node. */
export interface Output {
  readonly name: string;
  readonly dtype: RandomDType;
  readonly shape: readonly number[];
}

const TYPES: Readonly<Record<RandomDType, number>> = { float32: 1, int32: 3, bool: 10 };

/** The attribute that names a dtype. */
export function typeOf(dtype: RandomDType): WrittenAttribute {
  return { type: TYPES[dtype] };
}

/** Attributes whose value is a list of ints. */
export function ints(values: readonly number[]): WrittenAttribute {
  return { ints: values.map(String) };
}

/** What an operation gives, without its name. */
export type Made = Pick<Output, "dtype" | "shape">;

/** Collects the nodes of a graph. */
export class GraphBuilder {
  readonly draw: Draw;
  readonly nodes: WrittenNode[] = [];
  readonly outputs: Output[] = [];

  constructor(draw: Draw) {
    this.draw = draw;
  }

  /** A constant of floats. */
  constant(shape: readonly number[], data: readonly number[] = this.draw.floats(sizeOf(shape))): string {
    return this.#value("Const", { dtype: "float32", shape, data });
  }

  /** A constant of integers, a scalar if it is one number. */
  integers(values: readonly number[] | number): string {
    const data = typeof values === "number" ? [values] : values;
    return this.#value("Const", { dtype: "int32", shape: typeof values === "number" ? [] : [data.length], data });
  }

  /** An input of the graph. */
  input(shape: readonly number[]): Output {
    const name = this.#value("Placeholder", { dtype: "float32", shape, data: this.draw.floats(sizeOf(shape)) });
    return this.#keep(name, { dtype: "float32", shape });
  }

  /** An operation; the first of `made` is its first output. */
  add(op: string, node: Pick<WrittenNode, "inputs" | "attributes">, ...made: readonly Made[]): void {
    const name = `n${this.nodes.length}_${op}`;
    this.nodes.push({ name, op, ...node });
    for (const [at, each] of made.entries()) this.#keep(at === 0 ? name : `${name}:${at}`, each);
  }

  #value(op: string, value: NonNullable<WrittenNode["value"]>): string {
    const name = `n${this.nodes.length}_${op}`;
    this.nodes.push({ name, op, inputs: [], attributes: {}, value });
    return name;
  }

  #keep(name: string, made: Made): Output {
    const output = { name, ...made };
    this.outputs.push(output);
    return output;
  }
}
