import { sizeOf, type Tensor } from "@servable/core";
import { reserve } from "./allowance.js";
import { checkedShape, stridesOf } from "./shapes.js";

/** A way to walk over the elements of a tensor: element [i, j, …] lies at offset + i × strides[0] + j × strides[1] … */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Elements of any dtype, as one type to read and write. */
export type Elements = Record<number, unknown>;

/** Calls `visit` with the offset of each run of the innermost dimension, in order. */
function eachRun({ shape, strides, offset }: View, visit: (from: number) => void): void {
  const outer = shape.length - 1;
  const index = Array.from({ length: Math.max(outer, 0) }, () => 0);
  let from = offset;
  const runs = sizeOf(shape.slice(0, -1));
  for (let run = 0; run < runs; run++) {
    visit(from);
    for (let axis = outer - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const size = shape[axis] ?? 1;
      const next = (index[axis] ?? 0) + 1;
      if (next < size) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= stride * (size - 1);
    }
  }
}

/** The elements that a view shows, as a tensor of their own. */
export function copyView(source: Tensor, view: View): Tensor {
  const shape = checkedShape(view.shape);
  const data = reserve(source.dtype, sizeOf(shape));
  writeView(source, view, data);
  return { dtype: source.dtype, shape, data };
}

/** Runs from this length on are copied as a whole. */
const LONG = 8;

function writeView(source: Tensor, view: View, target: Elements): void {
  if (sizeOf(view.shape) === 0) return;
  const merged = collapsed(view);
  const from = source.data as unknown as Elements;
  const length = merged.shape.at(-1) ?? 1;
  const stride = merged.strides.at(-1) ?? 1;
  const isLong = stride === 1 && length >= LONG && ArrayBuffer.isView(from) && ArrayBuffer.isView(target);
  let at = 0;
  eachRun(merged, (start) => {
    if (isLong) {
      copyRun(from, start, { target, at, length });
      at += length;
    } else
      for (let step = 0, position = start; step < length; step++, position += stride) target[at++] = from[position];
  });
}

interface Run {
  readonly target: Elements;
  readonly at: number;
  readonly length: number;
}

function copyRun(source: Elements, start: number, { target, at, length }: Run): void {
  const [to, from] = [target as Float32Array, source as Float32Array];
  to.set(from.subarray(start, start + length), at);
}

/** The same walk with dimensions that follow each other without a gap made one. */
function collapsed({ shape, strides, offset }: View): View {
  const merged = { shape: [] as number[], strides: [] as number[], offset };
  for (const [axis, size] of shape.entries()) {
    const stride = strides[axis] ?? 0;
    const last = merged.shape.length - 1;
    if (last >= 0 && merged.strides[last] === stride * size) {
      merged.shape[last] = (merged.shape[last] ?? 1) * size;
      merged.strides[last] = stride;
    } else {
      merged.shape.push(size);
      merged.strides.push(stride);
    }
  }
  return merged;
}

/** A part of a larger tensor: where it begins and what each step of a dimension passes. */
export interface Place {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Writes a tensor into a part of `target`. */
export function placeInto(target: Elements, source: Tensor, { offset, strides }: Place): void {
  if (sizeOf(source.shape) === 0) return;
  const merged = collapsed({ shape: source.shape, strides, offset });
  const from = source.data as unknown as Elements;
  const length = merged.shape.at(-1) ?? 1;
  const stride = merged.strides.at(-1) ?? 1;
  const isLong = stride === 1 && length >= LONG && ArrayBuffer.isView(from) && ArrayBuffer.isView(target);
  let at = 0;
  eachRun(merged, (start) => {
    if (isLong) {
      copyRun(from, at, { target, at: start, length });
      at += length;
    } else
      for (let step = 0, position = start; step < length; step++, position += stride) target[position] = from[at++];
  });
}

/** The strides that make `shape` look like the larger `target`: stretched dimensions stand still. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const shift = target.length - shape.length;
  return target.map((_, axis) => (axis < shift || shape[axis - shift] === 1 ? 0 : (strides[axis - shift] ?? 0)));
}

/** A tensor stretched to a shape that it can be broadcast to. */
export function broadcastTo(source: Tensor, shape: readonly number[]): Tensor {
  if (source.shape.length === shape.length && source.shape.every((size, axis) => size === shape[axis])) return source;
  return copyView(source, { shape, strides: broadcastStrides(source.shape, shape), offset: 0 });
}
