import { type DType, sizeOf, type Tensor } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf, numbersOf, tensorOfNumbers } from "./host/elements.js";
import { cholesky, type Factors, factorize, type Square, solve, solveTriangle } from "./host/linear-algebra.js";
import { broadcastShapes, formatShape, mismatch } from "./host/shapes.js";
import { broadcastTo } from "./host/strided.js";
import { transposeTensor } from "./transpose.js";

const { floating } = DTYPES;

/** The square matrices of a tensor, in float64. */
function squares(x: Tensor): Square[] {
  const n = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || x.shape.at(-2) !== n) throw mismatch(`${formatShape(x.shape)} are not square matrices`);
  return parts(x, sizeOf(x.shape.slice(0, -2)));
}

function parts(x: Tensor, count: number): Float64Array[] {
  const length = count === 0 ? 0 : x.data.length / count;
  const all = numbersOf(x);
  return Array.from({ length: count }, (_, part) =>
    Float64Array.from({ length }, (_, at) => all[part * length + at] ?? 0),
  );
}

function joined(dtype: DType, shape: readonly number[], matrices: readonly Float64Array[]): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  let at = 0;
  for (const matrix of matrices) for (const value of matrix) target[at++] = value;
  return result;
}

function regular(matrix: Square, n: number): Factors {
  const factors = factorize(matrix, n);
  if (factors.isSingular) throw mismatch("a matrix has no inverse");
  return factors;
}

/** Matrices on both sides, stretched to as many. */
function systems(matrices: Tensor, sides: Tensor): { pairs: [Square, Float64Array][]; shape: readonly number[] } {
  const n = matrices.shape.at(-1) ?? 0;
  if (sides.shape.length < 2 || sides.shape.at(-2) !== n) {
    throw mismatch(`${formatShape(sides.shape)} is no right side for ${formatShape(matrices.shape)}`);
  }
  const batch = broadcastShapes(matrices.shape.slice(0, -2), sides.shape.slice(0, -2));
  const all = squares(broadcastTo(matrices, [...batch, ...matrices.shape.slice(-2)]));
  const shape = [...batch, ...sides.shape.slice(-2)];
  const right = parts(broadcastTo(sides, shape), all.length);
  return { pairs: all.map((matrix, at) => [matrix, right[at] ?? new Float64Array()]), shape };
}

/** The matrices with rows for columns. */
function turned(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transposeTensor(
    x,
    x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
}

const inverse: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  const isAdjoint = boolAttribute(node, "adjoint", false);
  return onHost((x) => {
    const n = x.shape.at(-1) ?? 0;
    const unit = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    const inverses = squares(isAdjoint ? turned(x) : x).map((matrix) => solve(regular(matrix, n), unit));
    return joined(dtype, x.shape, inverses);
  });
};

const solving: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  const isAdjoint = boolAttribute(node, "adjoint", false);
  return onHost((matrices, sides) => {
    const { pairs, shape } = systems(isAdjoint ? turned(matrices) : matrices, sides);
    const n = matrices.shape.at(-1) ?? 0;
    return joined(
      dtype,
      shape,
      pairs.map(([matrix, right]) => solve(regular(matrix, n), right)),
    );
  });
};

const triangular: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  const isLower = boolAttribute(node, "lower", true);
  const isTransposed = boolAttribute(node, "adjoint", false);
  return onHost((matrices, sides) => {
    const { pairs, shape } = systems(matrices, sides);
    for (const [matrix, right] of pairs) solveTriangle(matrix, right, { isLower, isTransposed, isUnit: false });
    return joined(
      dtype,
      shape,
      pairs.map(([, right]) => right),
    );
  });
};

const choleskyKernel: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  return onHost((x) => {
    const roots = squares(x).map((matrix) => {
      const root = cholesky(matrix, x.shape.at(-1) ?? 0);
      if (root === undefined) throw mismatch("a matrix is not positive definite");
      return root;
    });
    return joined(dtype, x.shape, roots);
  });
};

/** Sign and logarithm of the size of each determinant. */
function determinants(x: Tensor): { sign: number; logarithm: number }[] {
  const n = x.shape.at(-1) ?? 0;
  return squares(x).map((matrix) => {
    const { factors, sign, isSingular } = factorize(matrix, n);
    if (isSingular) return { sign: 0, logarithm: Number.NEGATIVE_INFINITY };
    const diagonal = Array.from({ length: n }, (_, at) => factors[at * (n + 1)] ?? 1);
    return {
      sign: diagonal.reduce((product, value) => product * Math.sign(value), sign),
      logarithm: diagonal.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0),
    };
  });
}

const determinant: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  return onHost((x) =>
    tensorOfNumbers(
      dtype,
      x.shape.slice(0, -2),
      determinants(x).map(({ sign, logarithm }) => sign * Math.exp(logarithm)),
    ),
  );
};

const logDeterminant: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  return onHostMany((x) => {
    const found = determinants(x);
    const shape = x.shape.slice(0, -2);
    return [
      tensorOfNumbers(
        dtype,
        shape,
        found.map(({ sign }) => sign),
      ),
      tensorOfNumbers(
        dtype,
        shape,
        found.map(({ logarithm }) => logarithm),
      ),
    ];
  });
};

/** The cross product of vectors of three, along the last dimension. */
const cross: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const { subtract, multiply } = arithmeticOf(dtype);
  return onHost((a, b) => {
    if (a.shape.join() !== b.shape.join() || a.shape.at(-1) !== 3) {
      throw mismatch(`${formatShape(a.shape)} and ${formatShape(b.shape)} are not vectors of three`);
    }
    const result = blank(dtype, a.shape);
    const [one, other, target] = [elementsOf(a), elementsOf(b), elementsOf(result)];
    for (let at = 0; at < result.data.length; at++) {
      const first = at - (at % 3);
      const [next, last] = [first + ((at + 1) % 3), first + ((at + 2) % 3)];
      target[at] = subtract(multiply(one[next], other[last]), multiply(one[last], other[next]));
    }
    return result;
  });
};

/** Operations that solve linear systems, computed in float64; and products of vectors. */
export const LINEAR_ALGEBRA: KernelTable = {
  Cholesky: choleskyKernel,
  Cross: cross,
  LogMatrixDeterminant: logDeterminant,
  MatrixDeterminant: determinant,
  MatrixInverse: inverse,
  MatrixSolve: solving,
  MatrixTriangularSolve: triangular,
};
