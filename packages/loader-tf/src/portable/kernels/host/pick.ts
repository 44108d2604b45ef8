import { sizeOf, type Tensor } from "@servable/core";
import { blank, elementsOf } from "./elements.js";
import { stridesOf } from "./shapes.js";

/** For each dimension which of its indices are taken, in order; undefined for all of them as they are. */
export type Picks = readonly (readonly number[] | undefined)[];

/** The elements of a tensor at the product of the indices: element [i, j, …] is the one at [picks[0][i], picks[1][j], …]. */
export function pickAxes(x: Tensor, picks: Picks): Tensor {
  const shape = x.shape.map((size, axis) => picks[axis]?.length ?? size);
  const result = blank(x.dtype, shape);
  if (sizeOf(shape) === 0) return result;
  const [source, target] = [elementsOf(x), elementsOf(result)];
  const strides = stridesOf(x.shape);
  const offsets = shape.map((size, axis) =>
    Array.from({ length: size }, (_, index) => (picks[axis]?.[index] ?? index) * (strides[axis] ?? 1)),
  );
  const last = offsets.at(-1) ?? [0];
  let at = 0;
  const walk = (axis: number, offset: number): void => {
    if (axis >= shape.length - 1) {
      for (const step of last) target[at++] = source[offset + step];
    } else {
      for (const step of offsets[axis] ?? []) walk(axis + 1, offset + step);
    }
  };
  walk(0, 0);
  return result;
}
