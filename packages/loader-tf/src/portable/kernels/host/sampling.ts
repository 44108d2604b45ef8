import { sizeOf, type Tensor } from "@servable/core";
import { checkedLength } from "./allowance.js";
import { blank, elementsOf, numbersOf } from "./elements.js";

/** Elements along one axis that make up one of the result, and what each counts for. */
export interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/** How positions of a resized axis stand for positions of the old one. */
export interface Alignment {
  /** First and last elements lie on each other. */
  readonly corners: boolean;
  /** Elements are squares with their centers half way. */
  readonly halfPixel: boolean;
}

const { fround } = Math;

/** The step from one new element to the next, in old ones; in float32 as TensorFlow has it, for what is rounded later. */
export function scaleOf(from: number, to: number, { corners }: Alignment): number {
  return corners && to > 1 ? fround((from - 1) / (to - 1)) : fround(from / to);
}

function position(at: number, scale: number, { halfPixel }: Alignment): number {
  return halfPixel ? fround(fround(fround(at + 0.5) * scale) - 0.5) : fround(at * scale);
}

/** Linear between the two nearest. */
export function linearTaps(from: number, to: number, alignment: Alignment): Taps[] {
  const scale = scaleOf(from, to, alignment);
  return Array.from({ length: checkedLength(to) }, (_, at) => {
    const place = position(at, scale, alignment);
    const low = Math.floor(place);
    const share = place - low;
    const indices = [Math.max(low, 0), Math.min(Math.ceil(place), from - 1)];
    return { indices, weights: [1 - share, share] };
  });
}

/** The nearest alone. */
export function nearestTaps(from: number, to: number, alignment: Alignment): number[] {
  const scale = scaleOf(from, to, alignment);
  return Array.from({ length: checkedLength(to) }, (_, at) => {
    const place = alignment.halfPixel ? fround(fround(at + 0.5) * scale) : fround(at * scale);
    const index = alignment.corners ? Math.floor(place + 0.5) : Math.floor(place);
    return Math.min(Math.max(index, 0), from - 1);
  });
}

/** Steps between two elements that cubic weights are kept for. */
const CUBIC_STEPS = 1024;

/** Keys's cubic over the four nearest; half pixels take another cubic and leave out what lies outside. */
export function cubicTaps(from: number, to: number, alignment: Alignment): Taps[] {
  const scale = scaleOf(from, to, alignment);
  const bend = alignment.halfPixel ? -0.5 : -0.75;
  const near = (x: number): number => ((bend + 2) * x - (bend + 3)) * x * x + 1;
  const far = (x: number): number => ((bend * x - 5 * bend) * x + 8 * bend) * x - 4 * bend;
  return Array.from({ length: checkedLength(to) }, (_, at) => {
    const place = position(at, scale, alignment);
    const low = Math.floor(place);
    const share = Math.round((place - low) * CUBIC_STEPS) / CUBIC_STEPS;
    const weights = [far(share + 1), near(share), near(1 - share), far(2 - share)];
    const all = [low - 1, low, low + 1, low + 2];
    const inside = (index: number): number => Math.min(Math.max(index, 0), from - 1);
    if (!alignment.halfPixel) return { indices: all.map(inside), weights };
    const kept = weights.map((weight, tap) => (all[tap] === inside(all[tap] ?? 0) ? weight : 0));
    const total = kept.reduce((sum, weight) => sum + weight, 0);
    return { indices: all.map(inside), weights: kept.map((weight) => weight / total) };
  });
}

/** The mean over what a new element covers of the old ones. */
export function areaTaps(from: number, to: number, alignment: Alignment): Taps[] {
  const scale = scaleOf(from, to, alignment);
  return Array.from({ length: checkedLength(to) }, (_, at) => {
    const [start, end] = [fround(at * scale), fround((at + 1) * scale)];
    const first = Math.floor(start);
    const indices = Array.from({ length: checkedLength(Math.max(Math.ceil(end) - first, 1)) }, (_, tap) => first + tap);
    const weights = indices.map((index) =>
      scale === 0 ? 1 : (Math.min(index + 1, end) - Math.max(index, start)) / scale,
    );
    return { indices: indices.map((index) => Math.min(Math.max(index, 0), from - 1)), weights };
  });
}

/** Images [N, H, W, C] as weighted sums along height and width; the result is float32. */
export function resample(x: Tensor, rows: readonly Taps[], columns: readonly Taps[]): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const wide = blank("float64", [batch, height, columns.length, channels]);
  const [source, middle] = [numbersOf(x), elementsOf(wide)];
  let to = 0;
  for (let line = 0; line < batch * height; line++) {
    for (const { indices, weights } of columns) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (const [tap, index] of indices.entries()) {
          sum += (source[(line * width + index) * channels + channel] ?? 0) * (weights[tap] ?? 0);
        }
        middle[to++] = sum;
      }
    }
  }
  const result = blank("float32", [batch, rows.length, columns.length, channels]);
  const [values, target] = [numbersOf(wide), elementsOf(result)];
  const length = columns.length * channels;
  to = 0;
  for (let image = 0; image < batch; image++) {
    for (const { indices, weights } of rows) {
      for (let at = 0; at < length; at++) {
        let sum = 0;
        for (const [tap, index] of indices.entries()) {
          sum += (values[(image * height + index) * length + at] ?? 0) * (weights[tap] ?? 0);
        }
        target[to++] = sum;
      }
    }
  }
  return result;
}

/** Images all of whose elements are needed. */
export function isImages(shape: readonly number[]): boolean {
  return shape.length === 4 && sizeOf(shape.slice(1)) > 0;
}
