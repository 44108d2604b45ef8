import { type DType, sizeOf, type Tensor } from "@servable/core";
import { intAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { fillBits, fillNormal, fillRange, fillTruncated, fillUniform } from "./host/distributions.js";
import { blank, elementsOf, isBig, numbersOf, tensorOfNumbers } from "./host/elements.js";
import { roundTo } from "./host/half.js";
import { scrambled, WordStream, wordsOf } from "./host/philox.js";
import { integerOf, integersOf, mismatch } from "./host/shapes.js";

const FLOATS: readonly DType[] = [...DTYPES.floating, "float16", "bfloat16"];
const WIDE: readonly DType[] = ["int32", "int64", "uint32", "uint64"];

type Fill = (dtype: DType, shape: readonly number[], words: WordStream) => Tensor;

function rounded(tensor: Tensor): Tensor {
  const { dtype, data } = tensor;
  if (dtype !== "float16" && dtype !== "bfloat16") return tensor;
  return data instanceof Float32Array ? { ...tensor, data: roundTo(dtype, data) } : tensor;
}

function bigOf(tensor: Tensor, at: number): bigint {
  return BigInt((tensor.data[at] ?? 0) as number | bigint);
}

/** Philox is the one algorithm that all of TensorFlow's devices have, and what it chooses by itself on CPUs. */
const PHILOX = 1;
const AUTOMATIC = 3;

/** Words for a key and a counter, as tensors of uint64. */
function streamOf(key: Tensor, counter: Tensor, algorithm?: Tensor): WordStream {
  const chosen = algorithm === undefined ? PHILOX : integerOf(algorithm);
  if (chosen !== PHILOX && chosen !== AUTOMATIC) throw unsupported(`random algorithm ${chosen}`);
  const high = counter.data.length > 1 ? bigOf(counter, 1) : 0n;
  return new WordStream(
    wordsOf(bigOf(key, 0)),
    BigInt.asUintN(64, bigOf(counter, 0)) | (BigInt.asUintN(64, high) << 64n),
  );
}

/** Words for the two seeds of the first version of a stateless operation. */
function seeded(seed: Tensor): WordStream {
  const { key, counter } = scrambled(bigOf(seed, 0), bigOf(seed, 1));
  return new WordStream(wordsOf(key), counter);
}

function stateless(fill: Fill, dtypes: readonly DType[], fallback: DType = "float32"): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, { name: "dtype", fallback }, dtypes);
    return onHost((shape, seed) => rounded(fill(dtype, integersOf(shape), seeded(seed))));
  };
}

function keyed(fill: Fill, dtypes: readonly DType[], fallback: DType = "float32"): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, { name: "dtype", fallback }, dtypes);
    return onHost((shape, key, counter, algorithm) =>
      rounded(fill(dtype, integersOf(shape), streamOf(key, counter, algorithm))),
    );
  };
}

function inRange(low: Tensor, high: Tensor): (dtype: DType, shape: readonly number[], words: WordStream) => Tensor {
  const range = { low: bigOf(low, 0), high: bigOf(high, 0) };
  if (range.low >= range.high) throw mismatch(`there is no number from ${range.low} to ${range.high}`);
  return (dtype, shape, words) => fillRange(dtype, shape, { ...range, words });
}

const statelessRange: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "dtype", ["int32", "int64"]);
  return onHost((shape, seed, low, high) => inRange(low, high)(dtype, integersOf(shape), seeded(seed)));
};

const keyedRange: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "dtype", WIDE);
  return onHost((shape, key, counter, algorithm, low, high) =>
    inRange(low, high)(dtype, integersOf(shape), streamOf(key, counter, algorithm)),
  );
};

function uint64(...values: readonly bigint[]): Tensor {
  return { dtype: "uint64", shape: [values.length], data: BigUint64Array.from(values) };
}

const algorithm = (): Tensor => tensorOfNumbers("int32", [], [PHILOX]);

function keyAndCounter(seed: Tensor): readonly Tensor[] {
  const { key, counter } = scrambled(bigOf(seed, 0), bigOf(seed, 1));
  return [uint64(key), uint64(BigInt.asUintN(64, counter), counter >> 64n)];
}

/**
 * The words of an operation with seeds of its own and a state: each call takes the words that follow. Without seeds
 * they begin anywhere.
 */
function statefulWords(node: GraphNode): WordStream {
  const [seed, seed2] = [intAttribute(node, "seed", 0), intAttribute(node, "seed2", 0)].map(BigInt) as [bigint, bigint];
  const anywhere = (): bigint => BigInt(Math.floor(Math.random() * 2 ** 53));
  const isSeeded = seed !== 0n || seed2 !== 0n;
  return new WordStream(
    wordsOf(isSeeded ? seed : anywhere()),
    (isSeeded ? BigInt.asUintN(64, seed2) : anywhere()) << 64n,
  );
}

function stateful(fill: Fill): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "dtype", FLOATS);
    const words = statefulWords(node);
    return onHost((shape) => rounded(fill(dtype, integersOf(shape), words)));
  };
}

const statefulRange: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "Tout", ["int32", "int64"]);
  const words = statefulWords(node);
  return onHost((shape, low, high) => inRange(low, high)(dtype, integersOf(shape), words));
};

/** Draws classes by the logarithms of their weights. */
function draw(logits: Tensor, count: number, { words, dtype }: { words: WordStream; dtype: DType }): Tensor {
  const [rows = 0, classes = 0] = logits.shape;
  const result = blank(dtype, [rows, count]);
  const [weights, target] = [numbersOf(logits), elementsOf(result)];
  for (let row = 0; row < rows; row++) {
    const own = Array.from({ length: classes }, (_, at) => weights[row * classes + at] ?? 0);
    const most = own.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
    let total = 0;
    const sums = own.map((value) => (total += Math.exp(value - most)));
    const draws = fillUniform("float64", [count], words);
    for (let at = 0; at < count; at++) {
      const place = Number(draws.data[at]) * total;
      const drawn = Math.max(
        sums.findIndex((sum) => place < sum),
        0,
      );
      target[row * count + at] = isBig(dtype) ? BigInt(drawn) : drawn;
    }
  }
  return result;
}

const multinomial: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...DTYPES.floating, "float16", "bfloat16"]);
  const attribute = node.attributes.has("output_dtype") ? typeAttribute(node, "output_dtype") : "int64";
  if (attribute !== "int32" && attribute !== "int64") throw unsupported(`output_dtype ${attribute}`);
  const words = statefulWords(node);
  return onHost((logits, count) => draw(logits, integerOf(count), { words, dtype: attribute }));
};

/** Rows in any order. */
const shuffle: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const words = statefulWords(node);
  return onHost((x) => {
    const [rows = 1] = x.shape;
    const length = rows === 0 ? 0 : sizeOf(x.shape) / rows;
    const order = Array.from({ length: rows }, (_, row) => row);
    for (let last = rows - 1; last > 0; last--) {
      const other = words.next() % (last + 1);
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
    const result = blank(x.dtype, x.shape);
    const [source, target] = [elementsOf(x), elementsOf(result)];
    for (const [to, from] of order.entries()) {
      for (let at = 0; at < length; at++) target[to * length + at] = source[from * length + at];
    }
    return result;
  });
};

/** Operations that draw numbers. */
export const RANDOM: KernelTable = {
  Multinomial: multinomial,
  RandomShuffle: shuffle,
  RandomStandardNormal: stateful(fillNormal),
  RandomUniform: stateful(fillUniform),
  RandomUniformInt: statefulRange,
  StatelessRandomGetAlg: () => onHost(algorithm),
  StatelessRandomGetKeyCounter: () => onHostMany(keyAndCounter),
  StatelessRandomGetKeyCounterAlg: () => onHostMany((seed) => [...keyAndCounter(seed), algorithm()]),
  StatelessRandomNormal: stateless(fillNormal, FLOATS),
  StatelessRandomNormalV2: keyed(fillNormal, FLOATS),
  StatelessRandomUniform: stateless(fillUniform, FLOATS),
  StatelessRandomUniformFullInt: stateless(fillBits, WIDE, "uint64"),
  StatelessRandomUniformFullIntV2: keyed(fillBits, WIDE, "uint64"),
  StatelessRandomUniformInt: statelessRange,
  StatelessRandomUniformIntV2: keyedRange,
  StatelessRandomUniformV2: keyed(fillUniform, FLOATS),
  StatelessTruncatedNormal: stateless(fillTruncated, FLOATS),
  StatelessTruncatedNormalV2: keyed(fillTruncated, FLOATS),
  TruncatedNormal: stateful(fillTruncated),
};
