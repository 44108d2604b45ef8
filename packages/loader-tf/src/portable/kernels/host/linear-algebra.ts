/** A square matrix, row by row. */
export type Square = Float64Array;

/** A matrix as a product of a lower and an upper triangular one, rows exchanged. */
export interface Factors {
  /** Both in one matrix; the ones on the diagonal of the lower one are left out. */
  readonly factors: Square;
  /** Where each row comes from. */
  readonly order: readonly number[];
  /** -1 for an odd number of exchanges. */
  readonly sign: number;
  readonly isSingular: boolean;
}

/** Gaussian elimination, with the largest element of each column as its pivot. */
export function factorize(matrix: Square, n: number): Factors {
  const factors = matrix.slice();
  const order = Array.from({ length: n }, (_, row) => row);
  let [sign, isSingular] = [1, false];
  const get = (row: number, column: number): number => factors[row * n + column] ?? 0;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(get(row, column)) > Math.abs(get(pivot, column))) pivot = row;
    }
    if (get(pivot, column) === 0) {
      isSingular = true;
      continue;
    }
    if (pivot !== column) {
      sign = -sign;
      [order[pivot], order[column]] = [order[column] ?? 0, order[pivot] ?? 0];
      for (let at = 0; at < n; at++) {
        const [one, other] = [get(pivot, at), get(column, at)];
        factors[pivot * n + at] = other;
        factors[column * n + at] = one;
      }
    }
    for (let row = column + 1; row < n; row++) {
      const factor = get(row, column) / get(column, column);
      factors[row * n + column] = factor;
      for (let at = column + 1; at < n; at++) factors[row * n + at] = get(row, at) - factor * get(column, at);
    }
  }
  return { factors, order, sign, isSingular };
}

/** How a triangular matrix is solved with. */
export interface Triangle {
  readonly isLower: boolean;
  readonly isTransposed: boolean;
  /** The diagonal counts as ones. */
  readonly isUnit: boolean;
}

/** Solves a triangular system for `width` right sides [n, width], in place. */
export function solveTriangle(matrix: Square, sides: Float64Array, { isLower, isTransposed, isUnit }: Triangle): void {
  const n = Math.sqrt(matrix.length);
  const width = n === 0 ? 0 : sides.length / n;
  const get = (row: number, column: number): number =>
    (isTransposed ? matrix[column * n + row] : matrix[row * n + column]) ?? 0;
  const isForward = isLower !== isTransposed;
  for (let step = 0; step < n; step++) {
    const row = isForward ? step : n - 1 - step;
    for (let side = 0; side < width; side++) {
      let sum = sides[row * width + side] ?? 0;
      for (let at = isForward ? 0 : row + 1; at < (isForward ? row : n); at++) {
        sum -= get(row, at) * (sides[at * width + side] ?? 0);
      }
      sides[row * width + side] = isUnit ? sum : sum / get(row, row);
    }
  }
}

/** Solves for `width` right sides [n, width]. */
export function solve({ factors, order }: Factors, sides: Float64Array): Float64Array {
  const n = order.length;
  const width = n === 0 ? 0 : sides.length / n;
  const solution = Float64Array.from(
    sides,
    (_, at) => sides[(order[Math.floor(at / width)] ?? 0) * width + (at % width)] ?? 0,
  );
  solveTriangle(factors, solution, { isLower: true, isTransposed: false, isUnit: true });
  solveTriangle(factors, solution, { isLower: false, isTransposed: false, isUnit: false });
  return solution;
}

/** The lower triangular matrix whose square this is; undefined if it is not positive definite. */
export function cholesky(matrix: Square, n: number): Square | undefined {
  const result = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] ?? 0;
      for (let at = 0; at < column; at++) sum -= (result[row * n + at] ?? 0) * (result[column * n + at] ?? 0);
      if (row === column && !(sum > 0)) return undefined;
      result[row * n + column] = row === column ? Math.sqrt(sum) : sum / (result[column * n + column] ?? 1);
    }
  }
  return result;
}
