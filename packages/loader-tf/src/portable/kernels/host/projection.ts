import type { Tensor } from "@servable/core";
import { blank, elementsOf, numbersOf } from "./elements.js";
import { checkedShape } from "./shapes.js";

/** Where a place outside of an axis of so many elements is taken from. */
export type FillMode = (place: number, length: number) => number;

function within(place: number, length: number): number {
  return Math.min(Math.max(place, 0), length - 1);
}

/** TensorFlow's names for them. */
export const FILL_MODES: Readonly<Record<string, FillMode>> = {
  CONSTANT: (place) => place,
  NEAREST: within,
  /** `dcba|abcd|dcba` */
  REFLECT(place, length) {
    if (length <= 1) return 0;
    const turn = 2 * length;
    if (place < 0) {
      const near = place < turn ? turn * Math.trunc(-place / turn) + place : place;
      return within(near < -length ? near + turn : -near - 1, length);
    }
    if (place <= length - 1) return place;
    const near = place - turn * Math.trunc(place / turn);
    return within(near >= length ? turn - near - 1 : near, length);
  },
  /** `abcd|abcd|abcd` */
  WRAP(place, length) {
    if (length <= 1) return 0;
    if (place < 0) return within(place + length * (Math.trunc(-place / (length - 1)) + 1), length);
    return within(place > length - 1 ? place - length * Math.trunc(place / (length - 1)) : place, length);
  },
};

const { fround } = Math;

/** `ax + by` in float32, step by step: a place between two elements is where TensorFlow has it to the last bit. */
function weighed([a, b]: Pair, [x, y]: Pair): number {
  return fround(fround(a * x) + fround(b * y));
}

type Pair = readonly [number, number];

/** How images are projected. */
export interface Projection {
  readonly height: number;
  readonly width: number;
  readonly isSmooth: boolean;
  readonly mode: FillMode;
  /** Stands where there is nothing. */
  readonly fill: number;
}

/**
 * Images [n, height, width, channels], each place of the result taken from where its transform (8 numbers, one set for all
 * images or one for each) says.
 */
export function project(images: Tensor, transforms: Tensor, how: Projection): Tensor {
  const [count = 0, rows = 0, columns = 0, channels = 0] = images.shape;
  const { height, width, isSmooth, mode, fill } = how;
  const result = blank(images.dtype, checkedShape([count, height, width, channels]));
  const [source, target, matrix] = [elementsOf(images), elementsOf(result), numbersOf(transforms)];
  const stride = transforms.shape[0] === 1 ? 0 : 8;
  const empty = typeof source[0] === "bigint" ? BigInt(fill) : fill;
  let [image, channel] = [0, 0];
  const at = (y: number, x: number): unknown =>
    y >= 0 && y < rows && x >= 0 && x < columns
      ? source[((image * rows + y) * columns + x) * channels + channel]
      : empty;
  const mixed = (y: number, x: number): number => {
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const along = (row: number): number =>
      weighed(
        [fround(left + 1 - x), fround(x - left)],
        [fround(Number(at(row, left))), fround(Number(at(row, left + 1)))],
      );
    return weighed([fround(top + 1 - y), fround(y - top)], [along(top), along(top + 1)]);
  };
  const halfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));
  const cell = (number: number): number => matrix[image * stride + number] ?? 0;
  const line = (from: number, x: number, y: number): number => weighed([cell(from), cell(from + 1)], [x, y]);
  let to = 0;
  for (image = 0; image < count; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const depth = fround(line(6, column, row) + 1);
        const x = mode(fround(fround(line(0, column, row) + cell(2)) / depth), columns);
        const y = mode(fround(fround(line(3, column, row) + cell(5)) / depth), rows);
        for (channel = 0; channel < channels; channel++, to++) {
          const value = depth === 0 ? empty : isSmooth ? mixed(y, x) : at(halfAway(y), halfAway(x));
          target[to] = typeof empty === "bigint" ? BigInt(Math.trunc(Number(value))) : value;
        }
      }
    }
  }
  return result;
}
