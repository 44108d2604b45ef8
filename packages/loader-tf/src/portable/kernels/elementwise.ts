import { type DType, sizeOf } from "@servable/core";
import { boolAttribute, floatAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import { bytesFor, spend } from "./host/allowance.js";
import { type BinaryFunction, type Comparison, mapBinary, mapComparison } from "./host/arithmetic.js";
import { broadcastShapes, formatShape, mismatch } from "./host/shapes.js";
import { lowerGamma, nextAfter, upperGamma } from "./host/special-functions.js";
import { addStrings, compareStrings } from "./host/string-pairs.js";

interface BinaryOp extends BinaryFunction {
  /** The device's kernel, where it has one that does as TensorFlow does. */
  readonly device?: string;
  readonly dtypes: readonly DType[];
}

function binary({ device, dtypes, ...compute }: BinaryOp): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", dtypes);
    const host = onHost((a, b) => mapBinary(a, b, compute));
    if (device === undefined) return host;
    return onEither(
      dtype,
      onDevice((on, a, b) => {
        // Together they can have no more elements than that.
        if (a.size * b.size > 2 ** 26) spend(bytesFor(dtype, sizeOf(broadcastShapes(a.shape, b.shape))));
        return on.run(device, { a: a.device(), b: b.device() });
      }),
      host,
    );
  };
}

/** The divisor of integers. */
function divisor<E extends number | bigint>(b: E): E {
  if (Number(b) === 0) throw mismatch("an integer is divided by zero");
  return b;
}

/** Division of integers, towards zero. */
export const truncateDivide: Required<Pick<BinaryFunction, "bigint" | "integer">> = {
  integer: (a, b) => Math.trunc(a / divisor(b)),
  bigint: (a, b) => a / divisor(b),
};

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / divisor(b);
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floorModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const truncateModulo = {
  number: (a: number, b: number) => a % b,
  integer: (a: number, b: number) => a % divisor(b),
  bigint: (a: bigint, b: bigint) => a % divisor(b),
};

/** As C has it: 1 to any power is 1, and so is -1 to an infinite one. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}

function integerPower(a: bigint, b: bigint): bigint {
  if (b < 0n) throw mismatch("an integer is raised to a negative power");
  let result = 1n;
  for (let base = a, left = b; left > 0n; left >>= 1n, base = BigInt.asIntN(64, base * base)) {
    if (left & 1n) result = BigInt.asIntN(64, result * base);
  }
  return result;
}

const { numeric, floating } = DTYPES;
const add = {
  device: "Add",
  dtypes: numeric,
  number: (a: number, b: number) => a + b,
  bigint: (a: bigint, b: bigint) => a + b,
};

const BINARY: Readonly<Record<string, BinaryOp>> = {
  AddV2: add,
  Atan2: { dtypes: floating, number: Math.atan2 },
  Div: { device: "RealDiv", dtypes: numeric, number: (a, b) => a / b, ...truncateDivide },
  DivNoNan: { dtypes: floating, number: (a, b) => (b === 0 ? 0 : a / b) },
  FloorDiv: {
    dtypes: numeric,
    number: (a, b) => Math.floor(a / b),
    integer: (a, b) => Math.floor(a / divisor(b)),
    bigint: floorDivide,
  },
  FloorMod: {
    dtypes: numeric,
    number: floorModulo,
    integer: (a, b) => floorModulo(a, divisor(b)),
    bigint: (a, b) => a - floorDivide(a, b) * b,
  },
  Igamma: { dtypes: floating, number: lowerGamma },
  Igammac: { dtypes: floating, number: upperGamma },
  Maximum: { device: "Maximum", dtypes: numeric, number: Math.max, bigint: (a, b) => (a > b ? a : b) },
  Minimum: { device: "Minimum", dtypes: numeric, number: Math.min, bigint: (a, b) => (a < b ? a : b) },
  Mod: { dtypes: numeric, ...truncateModulo },
  Mul: { device: "Multiply", dtypes: numeric, number: (a, b) => a * b, bigint: (a, b) => a * b, integer: Math.imul },
  MulNoNan: { dtypes: floating, number: (a, b) => (b === 0 ? 0 : a * b) },
  Pow: {
    device: "Pow",
    dtypes: numeric,
    number: power,
    integer: (a, b) => Number(BigInt.asIntN(32, integerPower(BigInt(a), BigInt(b)))),
    bigint: integerPower,
  },
  RealDiv: { device: "RealDiv", dtypes: floating, number: (a, b) => a / b },
  SquaredDifference: {
    device: "SquaredDifference",
    dtypes: numeric,
    number: (a, b) => (a - b) ** 2,
    integer: (a, b) => Math.imul(a - b, a - b),
    bigint: (a, b) => (a - b) ** 2n,
  },
  Sub: { device: "Sub", dtypes: numeric, number: (a, b) => a - b, bigint: (a, b) => a - b },
  TruncateDiv: { dtypes: numeric, number: (a, b) => Math.trunc(a / b), ...truncateDivide },
  TruncateMod: { dtypes: numeric, ...truncateModulo },
  Xdivy: { dtypes: floating, number: (a, b) => (a === 0 ? 0 : a / b) },
  Xlog1py: { dtypes: floating, number: (a, b) => (a === 0 ? 0 : a * Math.log1p(b)) },
  Xlogy: { dtypes: floating, number: (a, b) => (a === 0 ? 0 : a * Math.log(b)) },
};

/** Add, unlike AddV2, puts strings together. */
const addOrJoin: KernelFactory = (node) =>
  typeAttribute(node, "T", "float32") === "string" ? onHost(addStrings) : binary(add)(node);

const nextAfterKernel: KernelFactory = (node) => {
  const words = dtypeAmong(node, "T", floating) === "float64" ? new Float64Array(1) : new Float32Array(1);
  return onHost((a, b) => mapBinary(a, b, { number: (x, y) => nextAfter(x, y, words) }));
};

const COMPARISON: Readonly<Record<string, { readonly compare: Comparison; readonly dtypes: readonly DType[] }>> = {
  Greater: { compare: (a, b) => a > b, dtypes: numeric },
  GreaterEqual: { compare: (a, b) => a >= b, dtypes: numeric },
  Less: { compare: (a, b) => a < b, dtypes: numeric },
  LessEqual: { compare: (a, b) => a <= b, dtypes: numeric },
};

function comparison({ compare, dtypes }: (typeof COMPARISON)[string]): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", dtypes);
    return onHost((a, b) => mapComparison(a, b, compare));
  };
}

/** Shapes that do not go together are different, if the node says so, instead of an error. */
function equality(compare: Comparison): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", [...numeric, "bool", "string"]);
    const isStrict = boolAttribute(node, "incompatible_shape_error", true);
    return onHost((a, b) => {
      if (!isStrict && !goTogether(a.shape, b.shape)) {
        return { dtype: "bool", shape: [], data: Uint8Array.of(compare(0, 1) ? 1 : 0) };
      }
      return dtype === "string" ? compareStrings(a, b, compare(0, 0)) : mapComparison(a, b, compare);
    });
  };
}

function goTogether(one: readonly number[], other: readonly number[]): boolean {
  const rank = Math.min(one.length, other.length);
  return one.slice(one.length - rank).every((size, axis) => {
    const against = other[other.length - rank + axis];
    return size === against || size === 1 || against === 1;
  });
}

const nearlyEqual: KernelFactory = (node) => {
  dtypeAmong(node, "T", numeric);
  const tolerance = floatAttribute(node, "tolerance", 1e-5);
  return onHost((a, b) => mapComparison(a, b, (x, y) => Math.abs(Number(x) - Number(y)) < tolerance));
};

const addAll: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", numeric);
  const checkShapes = (terms: readonly { readonly shape: readonly number[] }[]): void => {
    const [first = { shape: [] }, ...rest] = terms;
    const other = rest.find(({ shape }) => shape.join() !== first.shape.join());
    if (other === undefined) return;
    throw mismatch(`${formatShape(first.shape)} and ${formatShape(other.shape)} are not the same shape`);
  };
  return onEither(
    dtype,
    onDevice((device, ...inputs) => {
      checkShapes(inputs);
      const terms = inputs.map((input) => input.device());
      return device.run("AddN", terms);
    }),
    onHost((first, ...rest) => {
      checkShapes([first, ...rest]);
      return rest.reduce((sum, next) => mapBinary(sum, next, add), first);
    }),
  );
};

/** The limits are scalars, or of the shape of what they limit. */
const clipByValue: KernelFactory = (node) => {
  dtypeAmong(node, "T", numeric);
  const larger = { number: Math.max, bigint: (a: bigint, b: bigint) => (a > b ? a : b) };
  const smaller = { number: Math.min, bigint: (a: bigint, b: bigint) => (a < b ? a : b) };
  return onHost((x, low, high) => {
    const clipped = mapBinary(mapBinary(x, high, smaller), low, larger);
    if (clipped.shape.join() === x.shape.join()) return clipped;
    throw mismatch(
      `${formatShape(x.shape)} cannot be clipped to ${formatShape(low.shape)}, ${formatShape(high.shape)}`,
    );
  });
};

/** Operations on two elements at a time. */
export const ELEMENTWISE: KernelTable = {
  ...Object.fromEntries(Object.entries(BINARY).map(([name, op]) => [name, binary(op)])),
  ...Object.fromEntries(Object.entries(COMPARISON).map(([name, op]) => [name, comparison(op)])),
  Add: addOrJoin,
  AddN: addAll,
  ApproximateEqual: nearlyEqual,
  ClipByValue: clipByValue,
  Equal: equality((a, b) => a === b),
  LogicalAnd: () => onHost((a, b) => mapComparison(a, b, (x, y) => x !== 0 && y !== 0)),
  LogicalOr: () => onHost((a, b) => mapComparison(a, b, (x, y) => x !== 0 || y !== 0)),
  NextAfter: nextAfterKernel,
  NotEqual: equality((a, b) => a !== b),
};
