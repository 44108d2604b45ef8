import type { Tensor } from "@servable/core";
import { integersOf, mismatch } from "./shapes.js";

/** A band of diagonals of matrices: 0 is the main one, positive ones lie above. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** On which side shorter diagonals are filled up: first those above, then those below. */
export type Alignment = "RIGHT_LEFT" | "LEFT_RIGHT" | "LEFT_LEFT" | "RIGHT_RIGHT";

/** Diagonals as rows of a matrix, the highest first. */
export interface DiagonalLayout {
  readonly count: number;
  /** The longest. */
  readonly length: number;
  /** Visits each element: its place among the rows of diagonals, and in the matrix. */
  readonly each: (visit: (place: number, position: number) => void) => void;
}

/** A band as a node gives it: one diagonal, or the lowest and the highest. */
export function bandOf(k: Tensor): Band {
  const [low = 0, high = low] = integersOf(k);
  if (low > high) throw mismatch(`there are no diagonals from ${low} to ${high}`);
  return { low, high };
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

/** Where the diagonals of a matrix lie. @throws ServingError INVALID_ARGUMENT for a band outside of it */
export function layoutOf({ rows, columns }: Matrix, { low, high }: Band, alignment: Alignment): DiagonalLayout {
  const isOutside = (diagonal: number): boolean => diagonal !== 0 && (diagonal <= -rows || diagonal >= columns);
  if (isOutside(low) || isOutside(high))
    throw mismatch(`a matrix of [${rows}, ${columns}] has no diagonals ${low}, ${high}`);
  const lengthOf = (diagonal: number): number =>
    Math.min(rows + Math.min(diagonal, 0), columns - Math.max(diagonal, 0));
  const length = Math.min(rows + Math.min(high, 0), columns - Math.max(low, 0));
  const count = high - low + 1;
  const [above, below] = alignment.split("_");
  return {
    count,
    length,
    each(visit) {
      for (let row = 0; row < count; row++) {
        const diagonal = high - row;
        const own = lengthOf(diagonal);
        const isRight = (diagonal >= 0 && above === "RIGHT") || (diagonal <= 0 && below === "RIGHT");
        const shift = isRight ? length - own : 0;
        for (let at = 0; at < own; at++) {
          const [y, x] = [at + Math.max(-diagonal, 0), at + Math.max(diagonal, 0)];
          visit(row * length + shift + at, y * columns + x);
        }
      }
    },
  };
}
