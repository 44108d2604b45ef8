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
  const { width } = plane;
  return (row, target) => {
    const source = rowOf(plane, row);
    for (let at = 0, to = 0; at < width; at++, to += 2) {
      const sample = source[at] ?? 0;
      target[to] = at === 0 ? sample : (3 * sample + (source[at - 1] ?? 0) + 1) >> 2;
      target[to + 1] = at + 1 === width ? sample : (3 * sample + (source[at + 1] ?? 0) + 2) >> 2;
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
    let left = sums[0] ?? 0;
    for (let at = 0, to = 0; at < width; at++, to += 2) {
      const sum = sums[at] ?? 0;
      const right = at + 1 < width ? (sums[at + 1] ?? 0) : sum;
      target[to] = (3 * sum + left + 8) >> 4;
      target[to + 1] = (3 * sum + right + 7) >> 4;
      left = sum;
    }
  };
}
