import { sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, intAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type Kernel, type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf, numbersOf, tensorOfNumbers } from "./host/elements.js";
import { formatShape, integerOf, integersOf, mismatch } from "./host/shapes.js";

/** The dtype of indices that a node wants: int32 or int64. */
export function indexType(node: GraphNode, name: string): "int32" | "int64" {
  const dtype = typeAttribute(node, name, "int32");
  if (dtype === "int32" || dtype === "int64") return dtype;
  throw unsupported(`${name} ${dtype}`);
}

/** The `count` largest of each row, the largest first, and of equals the first first; with their indices. */
function largest(x: Tensor, count: number, indices: "int32" | "int64"): Tensor[] {
  const length = x.shape.at(-1) ?? 0;
  if (x.shape.length === 0 || count < 0 || count > length) {
    throw mismatch(`the ${count} largest of rows of ${formatShape(x.shape)}`);
  }
  const shape = [...x.shape.slice(0, -1), count];
  const values = blank(x.dtype, shape);
  const [source, target] = [elementsOf(x), elementsOf(values)];
  const { less } = arithmeticOf(x.dtype);
  const positions: number[] = [];
  const rows = sizeOf(x.shape.slice(0, -1));
  for (let row = 0; row < rows; row++) {
    const from = row * length;
    const order = Array.from({ length }, (_, at) => at).sort((a, b) => {
      const [one, other] = [source[from + a], source[from + b]];
      return less(other, one) ? -1 : less(one, other) ? 1 : a - b;
    });
    for (let at = 0; at < count; at++) {
      const index = order[at] ?? 0;
      target[row * count + at] = source[from + index];
      positions.push(index);
    }
  }
  return [values, tensorOfNumbers(indices, shape, positions)];
}

const topK: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const indices = indexType(node, "index_type");
  return onHostMany((x, count) => largest(x, integerOf(count), indices));
};

/** Whether the score of the target is among the k largest; one that is no number never is. */
function inTopK(predictions: Tensor, targets: Tensor, k: number): Tensor {
  const classes = predictions.shape[1] ?? 0;
  const scores = numbersOf(predictions);
  const hits = integersOf(targets).map((target, row) => {
    const own = scores[row * classes + target];
    if (target < 0 || target >= classes || own === undefined || !Number.isFinite(own)) return 0;
    let larger = 0;
    for (let at = row * classes; at < (row + 1) * classes; at++) {
      const score = scores[at] ?? 0;
      if (!Number.isFinite(score)) return 0;
      if (score > own) larger++;
    }
    return larger < k ? 1 : 0;
  });
  return tensorOfNumbers("bool", [hits.length], hits);
}

/** Where each value would go into a sorted row: before its equals or behind them. */
function bounds(isUpper: boolean): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", DTYPES.numeric);
    const indices = indexType(node, "out_type");
    const { less } = arithmeticOf(dtype);
    return onHost((sorted, values) => {
      const [rows = 0, length = 0] = sorted.shape;
      const [others, count = 0] = values.shape;
      if (rows !== others)
        throw mismatch(`${formatShape(sorted.shape)} and ${formatShape(values.shape)} differ in rows`);
      const [line, wanted] = [elementsOf(sorted), elementsOf(values)];
      const found = Array.from({ length: rows * count }, (_, at) => {
        const start = Math.floor(at / count) * length;
        let [low, high] = [0, length];
        while (low < high) {
          const middle = (low + high) >> 1;
          const element = line[start + middle];
          const goesOn = isUpper ? !less(wanted[at], element) : less(element, wanted[at]);
          if (goesOn) low = middle + 1;
          else high = middle;
        }
        return low;
      });
      return tensorOfNumbers(indices, values.shape, found);
    });
  };
}

const invertPermutation: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "T", fallback: "int32" }, ["int32", "int64"]);
  return onHost((x) => {
    const order = integersOf(x);
    const inverse = order.map(() => -1);
    for (const [at, to] of order.entries()) {
      if (inverse[to] !== -1) throw mismatch(`${formatShape(order)} is not an order of ${order.length} elements`);
      inverse[to] = at;
    }
    return tensorOfNumbers(dtype, [order.length], inverse);
  });
};

/** The n-th smallest, or largest, of each row. */
const nthElement: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const isReverse = boolAttribute(node, "reverse", false);
  return onHost((x, n) => {
    const length = x.shape.at(-1) ?? 0;
    const at = integerOf(n);
    if (at < 0 || at >= length) throw mismatch(`element ${at} of rows of ${formatShape(x.shape)}`);
    const [sorted] = largest(x, length, "int32");
    const result = blank(x.dtype, x.shape.slice(0, -1));
    const [source, target] = [elementsOf(sorted ?? x), elementsOf(result)];
    const from = isReverse ? at : length - 1 - at;
    for (let row = 0; row < result.data.length; row++) target[row] = source[row * length + from];
    return result;
  });
};

function targetsAmong(of: (node: GraphNode) => (rest: readonly Tensor[]) => number): KernelFactory {
  return (node): Kernel => {
    const k = of(node);
    return onHost((predictions, targets, ...rest) => inTopK(predictions, targets, k(rest)));
  };
}

/** Operations that put elements in order. */
export const SORTING: KernelTable = {
  InTopK: targetsAmong((node) => {
    const k = intAttribute(node, "k");
    return () => k;
  }),
  InTopKV2: targetsAmong(
    () =>
      ([k]) =>
        k === undefined ? 0 : integerOf(k),
  ),
  InvertPermutation: invertPermutation,
  LowerBound: bounds(false),
  NthElement: nthElement,
  TopKV2: topK,
  UpperBound: bounds(true),
};
