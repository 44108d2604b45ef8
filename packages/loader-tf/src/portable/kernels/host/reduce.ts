import { type DType, sizeOf, type Tensor } from "@servable/core";
import { reserve } from "./allowance.js";
import { blank, elementsOf, isBig } from "./elements.js";
import { axisOf, integersOf, mismatch, stridesOf } from "./shapes.js";
import { copyView, type Elements } from "./strided.js";

/** A reduction as a fold over the elements. */
export interface Reduction {
  readonly start: unknown;
  /** The step for a dtype. */
  readonly step: (dtype: DType) => (sum: unknown, value: unknown) => unknown;
  /** Applied to the fold of `count` elements. */
  readonly finish?: (sum: unknown, count: number) => unknown;
}

/** Axes as a tensor gives them, without repetition, counted from the front, in order. */
export function reducedAxes(axes: Tensor, rank: number): number[] {
  return [...new Set(integersOf(axes).map((axis) => axisOf(axis, rank)))].sort((a, b) => a - b);
}

/** The tensor with the reduced dimensions last, and what the result's shape is. */
function groups(x: Tensor, axes: readonly number[], keep: boolean): { rows: Tensor; length: number; shape: number[] } {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const strides = stridesOf(x.shape);
  const inPlace = order.every((axis, index) => axis === index);
  const view = {
    shape: order.map((axis) => x.shape[axis] ?? 1),
    strides: order.map((axis) => strides[axis] ?? 0),
    offset: 0,
  };
  return {
    rows: inPlace ? x : copyView(x, view),
    length: sizeOf(axes.map((axis) => x.shape[axis] ?? 1)),
    shape: x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size])),
  };
}

/** Reduces a tensor over some of its axes. Floats are summed in float64, integers wrap. */
export function reduce(x: Tensor, axes: readonly number[], how: Reduction & { readonly keepDims: boolean }): Tensor {
  const { rows, length, shape } = groups(x, axes, how.keepDims);
  const result = blank(x.dtype, shape);
  const [source, target] = [elementsOf(rows), elementsOf(result)];
  const step = how.step(x.dtype);
  for (let row = 0, at = 0; row < result.data.length; row++) {
    let sum = how.start;
    for (let index = 0; index < length; index++) sum = step(sum, source[at++]);
    target[row] = how.finish === undefined ? sum : how.finish(sum, length);
  }
  return result;
}

/** The index, along an axis, of the first element that no other beats. */
export function argBest(
  x: Tensor,
  axis: number,
  how: { readonly beats: (a: number, b: number) => boolean; readonly dtype: DType },
): Tensor {
  const { rows, length, shape } = groups(x, [axisOf(axis, x.shape.length)], false);
  if (length === 0) throw mismatch("there is no largest or smallest of no elements");
  const size = sizeOf(shape);
  const data = reserve(how.dtype, size);
  const target = data as unknown as Elements;
  const source = rows.data as ArrayLike<number>;
  for (let row = 0; row < size; row++) {
    let best = row * length;
    for (let at = best + 1; at < (row + 1) * length; at++) {
      if (how.beats(source[at] ?? 0, source[best] ?? 0)) best = at;
    }
    const index = best - row * length;
    target[row] = isBig(how.dtype) ? BigInt(index) : index;
  }
  return { dtype: how.dtype, shape, data };
}
