import type { DType } from "@servable/core";
import { floatAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import {
  type BinaryFunction,
  type Comparison,
  mapBinary,
  mapComparison,
  mapTest,
  mapUnary,
} from "./host/arithmetic.js";
import { cast } from "./host/cast.js";
import { compareStrings } from "./host/compare-strings.js";
import { mismatch } from "./host/shapes.js";

interface BinaryOp extends BinaryFunction {
  /** The device's kernel, where it has one. */
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
      onDevice((on, a, b) => on.run(device, { a: a.device(), b: b.device() })),
      host,
    );
  };
}

function divideTowardsZero(a: number, b: number): number {
  if (b === 0) throw mismatch("an integer is divided by zero");
  return Math.trunc(a / b);
}

function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw mismatch("an integer is divided by zero");
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floorModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function integerModulo(a: number, b: number): number {
  if (b === 0) throw mismatch("an integer is divided by zero");
  return floorModulo(a, b);
}

function power(a: bigint, b: bigint): bigint {
  if (b < 0n) throw mismatch("an integer is raised to a negative power");
  let result = 1n;
  for (let base = a, left = b; left > 0n; left >>= 1n, base = BigInt.asIntN(64, base * base)) {
    if (left & 1n) result = BigInt.asIntN(64, result * base);
  }
  return result;
}

const { numeric, floating } = DTYPES;
const BINARY: Readonly<Record<string, BinaryOp>> = {
  Add: { device: "Add", dtypes: numeric, number: (a, b) => a + b, bigint: (a, b) => a + b },
  Sub: { device: "Sub", dtypes: numeric, number: (a, b) => a - b, bigint: (a, b) => a - b },
  Mul: { device: "Multiply", dtypes: numeric, number: (a, b) => a * b, bigint: (a, b) => a * b, integer: Math.imul },
  RealDiv: { device: "RealDiv", dtypes: floating, number: (a, b) => a / b },
  Div: {
    device: "RealDiv",
    dtypes: numeric,
    number: (a, b) => a / b,
    integer: divideTowardsZero,
    bigint: (a, b) => divideBig(a, b),
  },
  DivNoNan: { dtypes: floating, number: (a, b) => (b === 0 ? 0 : a / b) },
  FloorDiv: {
    dtypes: numeric,
    number: (a, b) => Math.floor(a / b),
    integer: (a, b) => Number(floorDivide(BigInt(a), BigInt(b))),
    bigint: floorDivide,
  },
  FloorMod: {
    dtypes: numeric,
    number: floorModulo,
    integer: integerModulo,
    bigint: (a, b) => a - floorDivide(a, b) * b,
  },
  Maximum: { device: "Maximum", dtypes: numeric, number: Math.max, bigint: (a, b) => (a > b ? a : b) },
  Minimum: { device: "Minimum", dtypes: numeric, number: Math.min, bigint: (a, b) => (a < b ? a : b) },
  Pow: {
    dtypes: numeric,
    number: Math.pow,
    integer: (a, b) => Number(BigInt.asIntN(32, power(BigInt(a), BigInt(b)))),
    bigint: power,
  },
  SquaredDifference: {
    device: "SquaredDifference",
    dtypes: numeric,
    number: (a, b) => (a - b) ** 2,
    integer: (a, b) => Math.imul(a - b, a - b),
    bigint: (a, b) => (a - b) ** 2n,
  },
};

function divideBig(a: bigint, b: bigint): bigint {
  if (b === 0n) throw mismatch("an integer is divided by zero");
  return a / b;
}

interface UnaryOp {
  readonly device?: string;
  readonly dtypes: readonly DType[];
  readonly number: (value: number) => number;
  readonly bigint?: (value: bigint) => bigint;
}

function unary({ device, dtypes, number, bigint }: UnaryOp): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", dtypes);
    const host = onHost((x) => mapUnary(x, number, bigint));
    if (device === undefined) return host;
    return onEither(
      dtype,
      onDevice((on, x) => on.run(device, { x: x.device() })),
      host,
    );
  };
}

/** Half goes to the even neighbour, as in TensorFlow. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** TensorFlow writes -0 for neither sign; NaN stays. */
const relu = (value: number): number => (value < 0 ? 0 : value);

const UNARY: Readonly<Record<string, UnaryOp>> = {
  Relu: { device: "Relu", dtypes: numeric, number: relu, bigint: (value) => (value < 0n ? 0n : value) },
  Relu6: { device: "Relu6", dtypes: floating, number: (value) => Math.min(relu(value), 6) },
  Elu: { device: "Elu", dtypes: floating, number: (value) => (value < 0 ? Math.expm1(value) : value) },
  Sigmoid: { device: "Sigmoid", dtypes: floating, number: (value) => 1 / (1 + Math.exp(-value)) },
  Tanh: { device: "Tanh", dtypes: floating, number: Math.tanh },
  Exp: { device: "Exp", dtypes: floating, number: Math.exp },
  Log: { device: "Log", dtypes: floating, number: Math.log },
  Log1p: { dtypes: floating, number: Math.log1p },
  Expm1: { dtypes: floating, number: Math.expm1 },
  Sqrt: { device: "Sqrt", dtypes: floating, number: Math.sqrt },
  Rsqrt: { device: "Rsqrt", dtypes: floating, number: (value) => 1 / Math.sqrt(value) },
  Reciprocal: { dtypes: floating, number: (value) => 1 / value },
  Square: {
    device: "Square",
    dtypes: numeric,
    number: (value) => value * value,
    bigint: (value) => value * value,
  },
  Neg: { device: "Neg", dtypes: numeric, number: (value) => -value, bigint: (value) => -value },
  Abs: { device: "Abs", dtypes: numeric, number: Math.abs, bigint: (value) => (value < 0n ? -value : value) },
  Sign: { dtypes: numeric, number: Math.sign, bigint: (value) => (value < 0n ? -1n : value > 0n ? 1n : 0n) },
  Floor: { device: "Floor", dtypes: floating, number: Math.floor },
  Ceil: { device: "Ceil", dtypes: floating, number: Math.ceil },
  Round: { dtypes: numeric, number: roundToEven, bigint: (value) => value },
  Rint: { dtypes: floating, number: roundToEven },
  Sin: { dtypes: floating, number: Math.sin },
  Cos: { dtypes: floating, number: Math.cos },
  Tan: { dtypes: floating, number: Math.tan },
  Softplus: {
    dtypes: floating,
    // Written so that neither end overflows.
    number: (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
  },
  Softsign: { dtypes: floating, number: (value) => value / (1 + Math.abs(value)) },
};

const COMPARISON: Readonly<Record<string, { readonly compare: Comparison; readonly dtypes: readonly DType[] }>> = {
  Greater: { compare: (a, b) => a > b, dtypes: numeric },
  GreaterEqual: { compare: (a, b) => a >= b, dtypes: numeric },
  Less: { compare: (a, b) => a < b, dtypes: numeric },
  LessEqual: { compare: (a, b) => a <= b, dtypes: numeric },
  Equal: { compare: (a, b) => a === b, dtypes: [...numeric, "bool"] },
  NotEqual: { compare: (a, b) => a !== b, dtypes: [...numeric, "bool"] },
};

function comparison(name: string): KernelFactory {
  return (node) => {
    const { compare, dtypes } = COMPARISON[name] as (typeof COMPARISON)[string];
    if (name.endsWith("Equal") && typeAttribute(node, "T", "float32") === "string") {
      return onHost((a, b) => compareStrings(a, b, compare(0, 0)));
    }
    dtypeAmong(node, "T", dtypes);
    return onHost((a, b) => mapComparison(a, b, compare));
  };
}

const leakyRelu: KernelFactory = (node) => {
  const alpha = floatAttribute(node, "alpha", 0.2);
  const dtype = dtypeAmong(node, "T", floating);
  return onEither(
    dtype,
    onDevice((on, x) => on.run("LeakyRelu", { x: x.device() }, { alpha })),
    onHost((x) => mapUnary(x, (value) => (value < 0 ? value * alpha : value))),
  );
};

const castKernel: KernelFactory = (node) => {
  dtypeAmong(node, "SrcT", [...numeric, "float16", "bfloat16", "bool"]);
  const dtype = dtypeAmong(node, "DstT", [...numeric, "bool"]);
  const convert = onHost((x) => cast(x, dtype));
  return (device, ...inputs) => {
    const [x] = inputs;
    return x?.dtype === dtype ? [x.reshaped(x.shape)] : convert(device, ...inputs);
  };
};

function test(predicate: (value: number) => boolean): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", floating);
    return onHost((x) => mapTest(x, predicate));
  };
}

/** Operations that treat each element by itself. */
export const ELEMENTWISE: KernelTable = {
  ...Object.fromEntries(Object.entries(BINARY).map(([name, op]) => [name, binary(op)])),
  ...Object.fromEntries(Object.entries(UNARY).map(([name, op]) => [name, unary(op)])),
  ...Object.fromEntries(Object.keys(COMPARISON).map((name) => [name, comparison(name)])),
  AddV2: binary(BINARY["Add"] as BinaryOp),
  LeakyRelu: leakyRelu,
  Cast: castKernel,
  IsNan: test(Number.isNaN),
  IsInf: test((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  IsFinite: test(Number.isFinite),
  LogicalAnd: () => onHost((a, b) => mapComparison(a, b, (x, y) => x !== 0 && y !== 0)),
  LogicalOr: () => onHost((a, b) => mapComparison(a, b, (x, y) => x !== 0 || y !== 0)),
  LogicalNot: () => onHost((x) => mapTest(x, (value) => value === 0)),
};
