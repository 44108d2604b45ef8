import type { Tensor } from "@servable/core";
import { intAttribute, textAttribute } from "../graph/attributes.js";
import { dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { bytesOf, stringOf, stringTensor } from "./host/bytes.js";
import { type Column, cross, denseColumn, raggedColumn, sparseColumn } from "./host/cross.js";
import { type Combine, type Feature, type Hashing, hashing, joining } from "./host/cross-features.js";
import { blank, tensorOfNumbers } from "./host/elements.js";
import { fingerprint64 } from "./host/fingerprint64.js";
import { sipHash } from "./host/keyed-hash.js";
import { checkedShape, integersOf, mismatch } from "./host/shapes.js";
import { checkedSplits, splitsOfLengths, splitsTensor } from "./host/splits.js";

/** Crosses of each example, and all of them as a tensor. */
interface Crossing {
  readonly rows: number;
  readonly found: ReadonlyMap<number, ArrayLike<unknown>>;
  readonly values: Tensor;
}

/** What to do with columns. */
type Cross = (columns: readonly Column[]) => Crossing;

function crossInto<T>(combine: Combine<T>, tensorOf: (values: readonly T[]) => Tensor): Cross {
  return (columns) => {
    const { rows, found } = cross(columns, combine);
    return { rows, found, values: tensorOf([...found.values()].flatMap((list) => list)) };
  };
}

function toStrings(separator: Uint8Array): Cross {
  return crossInto(joining(separator), (values) => stringTensor([values.length], values));
}

function toNumbers(how: Hashing): Cross {
  return crossInto(hashing(how), (values) => ({
    dtype: "int64",
    shape: [values.length],
    data: BigInt64Array.from(values),
  }));
}

/** Indices, values and shape; examples are rows. */
function sparseOf({ rows, found, values }: Crossing): readonly Tensor[] {
  const indices = blank("int64", [values.data.length, 2]);
  const target = indices.data as BigInt64Array;
  let at = 0;
  let widest = 0;
  for (const [row, { length }] of found) {
    widest = Math.max(widest, length);
    for (let column = 0; column < length; column++) {
      target[at++] = BigInt(row);
      target[at++] = BigInt(column);
    }
  }
  return [indices, values, tensorOfNumbers("int64", [2], [rows, widest])];
}

/** Takes inputs in groups of the given sizes; the last group is the rest. */
function grouped(inputs: readonly Tensor[], sizes: readonly number[]): readonly (readonly Tensor[])[] {
  const splits = splitsOfLengths(sizes);
  return splits.map((start, group) => inputs.slice(start, splits[group + 1]));
}

function lengthOf(node: GraphNode, name: string): number {
  const found = node.attributes.get(name);
  if (Array.isArray(found)) return found.length;
  throw malformed(`attribute ${name} of ${describeNode(node)} is no list`);
}

/** A member of a list of inputs. */
function member(list: readonly Tensor[] | undefined, at: number): Tensor {
  const found = list?.[at];
  if (found === undefined) throw mismatch("a column to cross is not whole");
  return found;
}

function sparseColumns([indices, values, shapes]: readonly (readonly Tensor[])[]): readonly Column[] {
  return (indices ?? []).map((each, at) => sparseColumn(each, member(values, at), member(shapes, at)));
}

/** Reads the attributes of a node, then the inputs that are no columns. */
type CrossOf = (node: GraphNode) => (options: readonly Tensor[]) => Cross;

/** An operation on sparse columns, then dense ones. */
function crossing(crossOf: CrossOf, ofSparse: (column: Column) => Column = (column) => column): KernelFactory {
  return (node) => {
    const count = intAttribute(node, "N");
    const sizes = [count, lengthOf(node, "sparse_types"), count, lengthOf(node, "dense_types")];
    const withOptions = crossOf(node);
    return onHostMany((...inputs) => {
      const [indices = [], values = [], shapes = [], dense = [], options = []] = grouped(inputs, sizes);
      const columns = [...sparseColumns([indices, values, shapes]).map(ofSparse), ...dense.map(denseColumn)];
      return sparseOf(withOptions(options)(columns));
    });
  };
}

const SEPARATOR = bytesOf("_X_");

/** How `SparseCross` and `RaggedCross` make one category of several. */
function crossOfAttributes(node: GraphNode, outputType: string): Cross {
  const dtype = dtypeAmong(node, outputType, ["int64", "string"]);
  if (dtype === "string") return toStrings(SEPARATOR);
  const [key, buckets] = [node.attributes.get("hash_key"), node.attributes.get("num_buckets")];
  if (typeof key !== "bigint" || typeof buckets !== "bigint") {
    throw malformed(`${describeNode(node)} lacks a key or a number of buckets`);
  }
  return toNumbers({ key, buckets, hash: fingerprint64 });
}

const sparseCross = crossing((node) => {
  const crossed = crossOfAttributes(node, "out_type");
  return () => crossed;
});

const joined = crossing(
  () =>
    ([separator]) =>
      toStrings(stringOf(separator ?? missing())),
);

const hashed = crossing(
  () =>
    ([buckets = missing(), strong = missing(), salt = missing()]) => {
      const [first, second, ...rest] = salt.data;
      const [count] = buckets.data;
      if (typeof first !== "bigint" || typeof second !== "bigint" || rest.length > 0 || typeof count !== "bigint") {
        throw mismatch("crosses are hashed by a number of buckets and a salt of two int64");
      }
      const key = [BigInt.asUintN(64, first), BigInt.asUintN(64, second)] as const;
      const hash = strong.data[0] === 0 ? fingerprint64 : (bytes: Uint8Array): bigint => sipHash(bytes, key);
      return toNumbers({ buckets: count, hash });
    },
  named,
);

/** `SparseCrossHashed` takes the lower four bytes of a number for its name, least first, in sparse columns only. */
function named({ rows, features }: Column): Column {
  const nameOf = (feature: Feature): Feature => {
    if (typeof feature !== "bigint") return feature;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, Number(BigInt.asUintN(32, feature)), true);
    return bytes;
  };
  return { rows, features: new Map([...features].map(([row, list]) => [row, list.map(nameOf)])) };
}

function missing(): never {
  throw mismatch("a crossing lacks inputs");
}

/** Columns of all kinds, in the order that an attribute spells: R for ragged, S for sparse, D for dense. */
const raggedCross: KernelFactory = (node) => {
  const crossed = crossOfAttributes(node, "out_values_type");
  const splitsType = dtypeAmong(node, "out_row_splits_type", ["int32", "int64"]);
  const sparse = intAttribute(node, "Nsparse");
  const ragged = lengthOf(node, "ragged_values_types");
  const order = textAttribute(node, "input_order", "");
  const sizes = [ragged, lengthOf(node, "ragged_splits_types"), sparse, sparse, sparse, lengthOf(node, "dense_types")];
  return onHostMany((...inputs) => {
    const [values = [], splits, indices = [], sparseValues = [], shapes = [], dense = []] = grouped(inputs, sizes);
    const kinds: Readonly<Record<string, Iterator<Column>>> = {
      R: values.map((each, at) => raggedColumn(each, splitsOf(member(splits, at), each))).values(),
      S: sparseColumns([indices, sparseValues, shapes]).values(),
      D: dense.map(denseColumn).values(),
    };
    const columns = Array.from(order, (kind) => {
      const next = kinds[kind]?.next();
      if (next === undefined || next.done === true) throw mismatch(`columns do not come in the order ${order}`);
      return next.value;
    });
    const { rows, found, values: result } = crossed(columns);
    const [length = 0] = checkedShape([rows]);
    const lengths = Array.from({ length }, (_, row) => found.get(row)?.length ?? 0);
    return [result, splitsTensor(splitsOfLengths(lengths), splitsType)];
  });
};

function splitsOf(splits: Tensor, values: Tensor): readonly number[] {
  const numbers = integersOf(splits);
  if (numbers.length === 0) throw mismatch("splits of a ragged tensor have at least one element");
  return checkedSplits(numbers, values.data.length);
}

/** Operations that make categories of combinations of categories. */
export const CROSSING: KernelTable = {
  RaggedCross: raggedCross,
  SparseCross: sparseCross,
  SparseCrossHashed: hashed,
  SparseCrossV2: joined,
};
