import type { DType, Tensor } from "@servable/core";
import { blank, elementsOf } from "./elements.js";
import type { WordStream } from "./philox.js";

/** From 0 to 1 without it, in steps of 2^-23: what float32 has between 1 and 2, less 1. */
function uniformFloat(words: WordStream): number {
  return (words.next() & 0x7fffff) * 2 ** -23;
}

/** The same in steps of 2^-52. */
function uniformDouble(words: WordStream): number {
  const upper = words.next() & 0xfffff;
  return (upper * 2 ** 32 + words.next()) * 2 ** -52;
}

/** Fewer bits are enough for half types. */
function uniformHalf(words: WordStream, bits: number): number {
  return (words.next() & (2 ** bits - 1)) * 2 ** -bits;
}

/** Numbers from 0 to 1, without 1. */
export function fillUniform(dtype: DType, shape: readonly number[], words: WordStream): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  for (let at = 0; at < result.data.length; at++) {
    if (dtype === "float64") target[at] = uniformDouble(words);
    else if (dtype === "float32") target[at] = uniformFloat(words);
    else target[at] = uniformHalf(words, dtype === "float16" ? 10 : 7);
  }
  return result;
}

/** Keeps the logarithm finite. */
const LEAST = 1e-7;

/** Two numbers of the normal distribution (Box and Muller), from two numbers between 0 and 1. */
function normalPair(one: number, other: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(Math.max(one, LEAST)));
  const angle = 2 * Math.PI * other;
  return [Math.sin(angle) * radius, Math.cos(angle) * radius];
}

/** Numbers of the normal distribution with mean 0 and variance 1. */
export function fillNormal(dtype: DType, shape: readonly number[], words: WordStream): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  const uniform = dtype === "float64" ? uniformDouble : uniformFloat;
  for (let at = 0; at < result.data.length; at += 2) {
    const [first, second] = normalPair(uniform(words), uniform(words));
    target[at] = first;
    if (at + 1 < result.data.length) target[at + 1] = second;
  }
  return result;
}

/** What is left out is drawn again, from words that are set aside for so many values at a time. */
const WORDS_PER_VALUE = 256;

/** The same without what lies two standard deviations or more away. */
export function fillTruncated(dtype: DType, shape: readonly number[], words: WordStream): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  const isDouble = dtype === "float64";
  const [group, uniform] = isDouble ? [2, uniformDouble] : [4, uniformFloat];
  for (let start = 0; start < result.data.length; start += group) {
    const own = words.aside((group * WORDS_PER_VALUE) / 4);
    const end = Math.min(start + group, result.data.length);
    for (let at = start; at < end; ) {
      for (const value of normalPair(uniform(own), uniform(own))) {
        if (Math.abs(value) < 2 && at < end) target[at++] = value;
      }
    }
  }
  return result;
}

/** Words as integers. */
function words64(words: WordStream): bigint {
  const [low, high] = [words.next(), words.next()];
  return BigInt(low) | (BigInt(high) << 32n);
}

/** Integers from `low` to `high`, without it; as in TensorFlow by the remainder, which favours none noticeably. */
export function fillRange(dtype: DType, shape: readonly number[], { words, low, high }: IntegerRange): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  const isBig = dtype === "int64" || dtype === "uint64";
  const span = high - low;
  for (let at = 0; at < result.data.length; at++) {
    const value = low + ((isBig ? words64(words) : BigInt(words.next())) % span);
    target[at] = isBig ? value : Number(value);
  }
  return result;
}

/** What integers are drawn from. */
export interface IntegerRange {
  readonly words: WordStream;
  readonly low: bigint;
  readonly high: bigint;
}

/** Integers of all bits. */
export function fillBits(dtype: DType, shape: readonly number[], words: WordStream): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  const isBig = dtype === "int64" || dtype === "uint64";
  for (let at = 0; at < result.data.length; at++) target[at] = isBig ? words64(words) : words.next();
  return result;
}
