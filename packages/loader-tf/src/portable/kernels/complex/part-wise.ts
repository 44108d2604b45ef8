import type { Tensor } from "@servable/core";
import { dataTypeCode, dataTypeName } from "@servable/tf-proto";
import { boolAttribute } from "../../graph/attributes.js";
import type { Attribute, GraphNode } from "../../graph/graph.js";
import type { KernelFactory } from "../../run/kernel.js";
import { Value } from "../../run/value.js";
import { mapBinary } from "../host/arithmetic.js";
import { isComplex, joined, partOf, partType } from "./parts.js";

/** Runs the kernel of floats on a part of each operand, real (0) or imaginary (1); what is not complex goes as it is. */
type OnParts = (...parts: readonly (0 | 1)[]) => readonly Tensor[];

/** The real and the imaginary parts of an operation's results. */
type PartsOfResults = readonly [readonly Tensor[], readonly Tensor[]];

/** Lets a kernel of floats do complex numbers, by way of their parts. */
function byParts(
  factory: KernelFactory,
  compute: (onParts: OnParts, operands: number) => PartsOfResults,
): KernelFactory {
  return (node) => {
    const kernel = factory(asParts(node));
    return (device, ...inputs) => {
      const made: Value[] = [];
      const onParts: OnParts = (...parts) => {
        const own = inputs.map((input, at) => {
          if (!isComplex(input.dtype)) return input;
          const part = Value.ofHost(partOf(input.host(), parts[at] ?? 0), device);
          made.push(part);
          return part;
        });
        const results = kernel(device, ...own);
        made.push(...results);
        return results.map((result) => result.host());
      };
      try {
        const [real, imaginary] = compute(onParts, inputs.length);
        return real.map((part, at) => Value.ofHost(joined(part, imaginary[at] ?? part), device));
      } finally {
        for (const value of made) value.release();
      }
    };
  };
}

/** The node as if its complex types were those of their parts. */
function asParts(node: GraphNode): GraphNode {
  const part = (attribute: Attribute): Attribute => {
    if (typeof attribute !== "object" || !("type" in attribute)) return attribute;
    const dtype = dataTypeName(attribute.type);
    return dtype !== undefined && isComplex(dtype) ? { type: dataTypeCode(partType(dtype)) } : attribute;
  };
  return { ...node, attributes: new Map([...node.attributes].map(([name, value]) => [name, part(value)])) };
}

/** Operations that move elements, or add them: each part for itself. */
export function linear(factory: KernelFactory): KernelFactory {
  return byParts(factory, (onParts, operands) => {
    const all = (part: 0 | 1): (0 | 1)[] => Array.from({ length: operands }, () => part);
    return [onParts(...all(0)), onParts(...all(1))];
  });
}

/** Products, by `(a + bi)(c + di) = (ac - bd) + (ad + bc)i`; an adjoint operand has the other sign before its `i`. */
export function product(factory: KernelFactory): KernelFactory {
  return (node) => {
    const [b, d] = ["adj_x", "adj_y"].map((name) => (boolAttribute(node, name, false) ? -1 : 1));
    const sum = (one: readonly Tensor[], other: readonly Tensor[], [s, t]: readonly [number, number]): Tensor[] =>
      one.map((x, at) => mapBinary(x, other[at] ?? x, { number: (u, v) => s * u + t * v }));
    const [signB, signD] = [b ?? 1, d ?? 1];
    return byParts(factory, (onParts, operands) => {
      if (operands === 1) return [onParts(0), onParts(1)];
      return [
        sum(onParts(0, 0), onParts(1, 1), [1, -signB * signD]),
        sum(onParts(0, 1), onParts(1, 0), [signD, signB]),
      ];
    })(node);
  };
}
