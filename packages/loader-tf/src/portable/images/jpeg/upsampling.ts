import type { ComponentPlane } from "./planes.js";

/** Writes a row of an image: one sample of a component for each pixel. */
export type RowSampler = (row: number, target: Uint8Array) => void;

/**
 * Makes a component as large as the image. Smoothly means that a pixel lies between two samples, a quarter from the
 * nearer one; else the nearest sample is repeated. Rounding goes up and down in turn, so that the mean stays.
 */
export function rowSampler(plane: ComponentPlane, isSmooth: boolean): RowSampler {
  const { across, down, width } = plane;
  if (across === 1 && down === 1) {
    return (row, target) => {
      target.set(rowOf(plane, row).subarray(0, target.length));
    };
  }
  if (isSmooth && across === 2 && down === 1 && width > 2) return betweenColumns(plane);
  if (isSmooth && across === 1 && down === 2) return betweenRows(plane);
  if (isSmooth && across === 2 && down === 2 && width > 2) return betweenBoth(plane);
  return (row, target) => {
    const source = rowOf(plane, Math.floor(row / down));
    for (let at = 0; at < target.length; at++) target[at] = source[Math.floor(at / across)] ?? 0;
  };
}

function rowOf({ data, stride, height }: ComponentPlane, row: number): Uint8Array {
  const start = Math.min(Math.max(row, 0), height - 1) * stride;
  return data.subarray(start, start + stride);
}

function betweenColumns(plane: ComponentPlane): RowSampler {
  const last = plane.width - 1;
  return (row, target) => {
    const source = rowOf(plane, row);
    for (let at = 0; at < target.length; at++) {
      const near = source[at >> 1] ?? 0;
      const isRight = (at & 1) === 1;
      const other = (at >> 1) + (isRight ? 1 : -1);
      target[at] = other < 0 || other > last ? near : (3 * near + (source[other] ?? 0) + (isRight ? 2 : 1)) >> 2;
    }
  };
}

function betweenRows(plane: ComponentPlane): RowSampler {
  return (row, target) => {
    const isLower = (row & 1) === 1;
    const near = rowOf(plane, row >> 1);
    const far = rowOf(plane, (row >> 1) + (isLower ? 1 : -1));
    for (let at = 0; at < target.length; at++) {
      target[at] = (3 * (near[at] ?? 0) + (far[at] ?? 0) + (isLower ? 2 : 1)) >> 2;
    }
  };
}

function betweenBoth(plane: ComponentPlane): RowSampler {
  const { width } = plane;
  const sums = new Int32Array(width);
  return (row, target) => {
    const near = rowOf(plane, row >> 1);
    const far = rowOf(plane, (row >> 1) + ((row & 1) === 1 ? 1 : -1));
    for (let at = 0; at < width; at++) sums[at] = 3 * (near[at] ?? 0) + (far[at] ?? 0);
    for (let at = 0; at < target.length; at++) {
      const isRight = (at & 1) === 1;
      const sum = sums[at >> 1] ?? 0;
      const other = sums[(at >> 1) + (isRight ? 1 : -1)] ?? sum;
      target[at] = (3 * sum + other + (isRight ? 7 : 8)) >> 4;
    }
  };
}
