import type { Tensor } from "@servable/core";
import { boolAttribute, intAttribute } from "../graph/attributes.js";
import { dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf, tensorOfNumbers } from "./host/elements.js";
import { partitionOfSplits } from "./host/partition.js";
import { formatShape, integerOf, integersOf, mismatch } from "./host/shapes.js";

/** Numbers to count, in rows; without rows all of them count together. */
interface Counted {
  readonly numbers: readonly number[];
  readonly rowOf: (at: number) => number;
  readonly rows?: number;
}

function dense(values: Tensor): Counted {
  const numbers = integersOf(values);
  const [rows = 0, length = 0, ...rest] = values.shape;
  if (values.shape.length < 2) return { numbers, rowOf: () => 0 };
  if (rest.length > 0) throw mismatch(`values of shape ${formatShape(values.shape)} are no rows to count`);
  return { numbers, rows, rowOf: (at) => Math.floor(at / length) };
}

function ragged(splits: Tensor, values: Tensor): Counted {
  const { rows, length, place } = partitionOfSplits(integersOf(splits));
  const numbers = integersOf(values);
  if (numbers.length !== length) throw mismatch(`splits of ${length} values for ${numbers.length}`);
  return { numbers, rows, rowOf: (at) => place(at)[0] };
}

function sparse(indices: Tensor, values: Tensor, shape: Tensor): Counted {
  const numbers = integersOf(values);
  const size = integersOf(shape);
  const flat = integersOf(indices);
  const [rows = 0] = size;
  if (size.length < 1 || size.length > 2 || flat.length !== numbers.length * size.length) {
    throw mismatch(`indices ${formatShape(indices.shape)} of ${numbers.length} values for ${formatShape(size)}`);
  }
  if (size.length < 2) return { numbers, rowOf: () => 0 };
  const wrong = flat.find((row, at) => at % 2 === 0 && (row < 0 || row >= rows));
  if (wrong !== undefined) throw mismatch(`row ${wrong} lies outside of [0, ${rows})`);
  return { numbers, rows, rowOf: (at) => flat[2 * at] ?? 0 };
}

/** What each number counts for, as elements; `undefined` for 1. */
function weightsOf(weights: Tensor, { numbers }: Counted): ReturnType<typeof elementsOf> | undefined {
  if (weights.data.length === 0) return undefined;
  if (weights.data.length === numbers.length) return elementsOf(weights);
  throw mismatch(`${weights.data.length} weights for ${numbers.length} values`);
}

function checkedNumbers({ numbers }: Counted): void {
  const wrong = numbers.find((value) => value < 0);
  if (wrong !== undefined) throw mismatch(`${wrong} cannot be counted: it is negative`);
}

interface Counting {
  readonly size: Tensor;
  readonly weights: Tensor;
  readonly isBinary: boolean;
}

/** How often each number below `size` comes in each row; larger ones are left out. */
function countDense(counted: Counted, { size, weights, isBinary }: Counting): Tensor {
  checkedNumbers(counted);
  const { numbers, rows, rowOf } = counted;
  const width = integerOf(size);
  const { add, one } = arithmeticOf(weights.dtype);
  const result = blank(weights.dtype, rows === undefined ? [width] : [rows, width]);
  const target = elementsOf(result);
  const weight = weightsOf(weights, counted);
  for (const [at, value] of numbers.entries()) {
    if (value >= width) continue;
    const to = rowOf(at) * width + value;
    target[to] = isBinary ? one : add(target[to], weight === undefined ? one : weight[at]);
  }
  return result;
}

interface Limits {
  readonly least: number;
  readonly most: number;
  readonly isBinary: boolean;
}

/** The numbers that come in each row and how often, as a sparse tensor: indices, counts, shape. */
function countSparse(counted: Counted, weights: Tensor, { least, most, isBinary }: Limits): readonly Tensor[] {
  checkedNumbers(counted);
  const { numbers, rows, rowOf } = counted;
  const { add, one } = arithmeticOf(weights.dtype);
  const weight = weightsOf(weights, counted);
  const found = new Map<number, Map<number, unknown>>();
  // Of nothing at all the greatest is taken to be 0.
  let width = Math.max(least, 1);
  for (const [at, value] of numbers.entries()) {
    if (most >= 0 && value >= most) continue;
    width = Math.max(width, value + 1);
    const row = rowOf(at);
    const counts = found.get(row) ?? new Map<number, unknown>();
    found.set(row, counts);
    const step = weight === undefined ? one : weight[at];
    const before = counts.get(value);
    counts.set(value, isBinary ? one : before === undefined ? step : add(before, step));
  }
  const entries = [...found]
    .sort(([a], [b]) => a - b)
    .flatMap(([row, counts]) => [...counts].sort(([a], [b]) => a - b).map(([value, count]) => ({ row, value, count })));
  const values = blank(weights.dtype, [entries.length]);
  const target = elementsOf(values);
  for (const [at, { count }] of entries.entries()) target[at] = count;
  const indices = entries.flatMap(({ row, value }) => (rows === undefined ? [value] : [row, value]));
  const shape = [...(rows === undefined ? [] : [rows]), most >= 0 ? most : width];
  return [
    tensorOfNumbers("int64", [entries.length, shape.length], indices),
    values,
    tensorOfNumbers("int64", [shape.length], shape),
  ];
}

/** Makes the kernel of an operation that counts into a dense tensor: what is counted, then the size and the weights. */
function intoDense(arrange: (...inputs: readonly Tensor[]) => Counted): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", ["int32", "int64", "float32", "float64"]);
    const isBinary = boolAttribute(node, "binary_output", false);
    return onHost((...inputs) => {
      const [size, weights] = inputs.slice(-2);
      if (size === undefined || weights === undefined || inputs.length < arrange.length + 2) return lacking(node);
      return countDense(arrange(...inputs), { size, weights, isBinary });
    });
  };
}

/** The same into a sparse tensor; there is no size. */
function intoSparse(arrange: (...inputs: readonly Tensor[]) => Counted): KernelFactory {
  return (node) => {
    dtypeAmong(node, "output_type", ["int32", "int64", "float32", "float64"]);
    const limits: Limits = {
      least: intAttribute(node, "minlength", -1),
      most: intAttribute(node, "maxlength", -1),
      isBinary: boolAttribute(node, "binary_output", false),
    };
    return onHostMany((...inputs) => {
      const weights = inputs.at(-1);
      if (weights === undefined || inputs.length < arrange.length + 1) return lacking(node);
      return countSparse(arrange(...inputs), weights, limits);
    });
  };
}

function lacking(node: GraphNode): never {
  throw malformed(`${describeNode(node)} lacks inputs`);
}

/** All numbers together, whatever their shape. */
function flat(values: Tensor): Counted {
  return { numbers: integersOf(values), rowOf: () => 0 };
}

/** Operations that count how often numbers come. */
export const BINCOUNT: KernelTable = {
  Bincount: intoDense(flat),
  DenseBincount: intoDense(dense),
  DenseCountSparseOutput: intoSparse(dense),
  RaggedBincount: intoDense(ragged),
  RaggedCountSparseOutput: intoSparse(ragged),
  SparseBincount: intoDense(sparse),
  SparseCountSparseOutput: intoSparse(sparse),
};
