import type { Tensor } from "@servable/core";
import { blank, elementsOf, isBig, isInteger, numbersOf } from "./elements.js";

/** Which of two matrices are turned before they are multiplied. */
export interface Turned {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows and columns of the last two dimensions. */
export function matrixOf(shape: readonly number[], isTurned: boolean): readonly [number, number] {
  const rows = shape.at(-2) ?? 0;
  const columns = shape.at(-1) ?? 0;
  return isTurned ? [columns, rows] : [rows, columns];
}

/**
 * The products of two stacks of matrices, [n, …] each, or one of [1, …] that all of the other are multiplied with.
 * Floats are summed in float64, integers wrap.
 */
export function multiplyStacks(a: Tensor, b: Tensor, turned: Turned): Tensor {
  const [rows, length] = matrixOf(a.shape, turned.transposeA);
  const [, columns] = matrixOf(b.shape, turned.transposeB);
  const [countA = 0, countB = 0] = [a.shape[0], b.shape[0]];
  const count = countA === 1 ? countB : countA;
  const result = blank(a.dtype, [count, rows, columns]);
  const stepsA = turned.transposeA ? { row: 1, at: rows } : { row: length, at: 1 };
  const stepsB = turned.transposeB ? { column: length, at: 1 } : { column: 1, at: columns };
  const dot = isInteger(a.dtype) ? integerDot(a, b) : floatDot(a, b);
  const target = elementsOf(result);
  let to = 0;
  for (let n = 0; n < count; n++) {
    const startA = countA === 1 ? 0 : n * rows * length;
    const startB = countB === 1 ? 0 : n * columns * length;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const from = { a: startA + row * stepsA.row, b: startB + column * stepsB.column };
        target[to++] = dot({ ...from, stepA: stepsA.at, stepB: stepsB.at, length });
      }
    }
  }
  return result;
}

interface Lines {
  readonly a: number;
  readonly b: number;
  readonly stepA: number;
  readonly stepB: number;
  readonly length: number;
}

function floatDot(a: Tensor, b: Tensor): (lines: Lines) => number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return ({ a, b, stepA, stepB, length }) => {
    let sum = 0;
    for (let at = 0; at < length; at++) sum += (left[a + at * stepA] ?? 0) * (right[b + at * stepB] ?? 0);
    return sum;
  };
}

function integerDot(a: Tensor, b: Tensor): (lines: Lines) => unknown {
  if (isBig(a.dtype)) return bigDot(a, b);
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return ({ a, b, stepA, stepB, length }) => {
    let sum = 0;
    for (let at = 0; at < length; at++)
      sum = (sum + Math.imul(left[a + at * stepA] ?? 0, right[b + at * stepB] ?? 0)) | 0;
    return sum;
  };
}

function bigDot(a: Tensor, b: Tensor): (lines: Lines) => bigint {
  const [left, right] = [a.data as BigInt64Array, b.data as BigInt64Array];
  return ({ a, b, stepA, stepB, length }) => {
    let sum = 0n;
    for (let at = 0; at < length; at++) sum += (left[a + at * stepA] ?? 0n) * (right[b + at * stepB] ?? 0n);
    return sum;
  };
}
