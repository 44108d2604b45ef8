import { checkedLength } from "./allowance.js";
import { checkedShape, formatShape, mismatch } from "./shapes.js";

/** What is added around an image: by rule, or how much before and after along each of its dimensions. */
export type Padding = "SAME" | "VALID" | readonly (readonly [number, number])[];

/** How a window slides over an image; one number for each dimension of the image. */
export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: Padding;
}

/** A window of a size, on an image of a size. */
export interface Geometry extends Omit<Window, "padding"> {
  readonly input: readonly number[];
  readonly size: readonly number[];
  readonly output: readonly number[];
  /** How far before the image the first window begins. */
  readonly before: readonly number[];
}

/**
 * How many windows there are and where they lie. SAME gives ceil(input / stride) windows and puts the odd element of
 * padding at the end.
 * @throws ServingError INVALID_ARGUMENT for a window that does not fit into the image
 */
export function geometryOf(input: readonly number[], size: readonly number[], window: Window): Geometry {
  const { strides, dilations, padding } = window;
  const axes = input.map((length, axis) => {
    const stride = strides[axis] ?? 1;
    const reach = ((size[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    if (padding === "SAME") {
      const output = Math.ceil(length / stride);
      return { output, before: Math.floor(Math.max(0, (output - 1) * stride + reach - length) / 2) };
    }
    const [before = 0, after = 0] = padding === "VALID" ? [] : (padding[axis] ?? []);
    return { output: Math.floor((before + length + after - reach) / stride) + 1, before };
  });
  const output = axes.map((axis) => axis.output);
  checkedShape(size);
  if (output.some((length) => length < 0)) {
    throw mismatch(`a window of ${formatShape(size)} does not fit into ${formatShape(input)}`);
  }
  checkedShape(output);
  return { input, size, strides, dilations, output, before: axes.map(({ before }) => before) };
}

/** The same window on an image with one more dimension, of size 1. */
export function withDepth(geometry: Geometry): Geometry {
  return {
    input: [1, ...geometry.input],
    size: [1, ...geometry.size],
    output: [1, ...geometry.output],
    strides: [1, ...geometry.strides],
    dilations: [1, ...geometry.dilations],
    before: [0, ...geometry.before],
  };
}

/** Called with positions in row-major order: of the output, of the input, and within the window. */
export type VisitTap = (output: number, input: number, tap: number) => void;

/** Visits what each window of a three-dimensional image sees of it, window by window; padding is passed over. */
export function eachTap(geometry: Geometry, visit: VisitTap): void {
  const [depth, rows, columns] = [0, 1, 2].map((axis) => reaches(geometry, axis)) as [Reach[][], Reach[][], Reach[][]];
  const [, height = 1, width = 1] = geometry.input;
  const [, tall = 1, wide = 1] = geometry.size;
  let output = 0;
  for (const planes of depth) {
    for (const lines of rows) {
      for (const points of columns) {
        for (const z of planes) {
          for (const y of lines) {
            const input = (z.input * height + y.input) * width;
            const tap = (z.tap * tall + y.tap) * wide;
            for (const x of points) visit(output, input + x.input, tap + x.tap);
          }
        }
        output++;
      }
    }
  }
}

interface Reach {
  readonly input: number;
  readonly tap: number;
}

/** For each window along an axis, which elements of the input it sees, and with which of its own. */
function reaches({ input, size, strides, dilations, output, before }: Geometry, axis: number): Reach[][] {
  checkedLength((output[axis] ?? 0) * (size[axis] ?? 1));
  return Array.from({ length: output[axis] ?? 0 }, (_, at) => {
    const start = at * (strides[axis] ?? 1) - (before[axis] ?? 0);
    const all = Array.from({ length: size[axis] ?? 1 }, (_, tap) => ({
      input: start + tap * (dilations[axis] ?? 1),
      tap,
    }));
    return all.filter((reach) => reach.input >= 0 && reach.input < (input[axis] ?? 0));
  });
}
