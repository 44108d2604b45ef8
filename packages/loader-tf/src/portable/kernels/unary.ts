import type { DType } from "@servable/core";
import { floatAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import { mapTest, mapUnary, type UnaryFunction } from "./host/arithmetic.js";
import { scaledBesselI } from "./host/bessel.js";
import { digamma, erf, erfc, erfInverse, logGamma, normalQuantile } from "./host/special-functions.js";

interface UnaryOp extends UnaryFunction {
  /** The device's kernel, where it has one that does as TensorFlow does. */
  readonly device?: string;
  readonly dtypes: readonly DType[];
}

function unary({ device, dtypes, ...compute }: UnaryOp): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", dtypes);
    const host = onHost((x) => mapUnary(x, compute));
    if (device === undefined) return host;
    return onEither(
      dtype,
      onDevice((on, x) => on.run(device, { x: x.device() })),
      host,
    );
  };
}

function float(number: (value: number) => number, device?: string): UnaryOp {
  return { dtypes: DTYPES.floating, number, ...(device === undefined ? {} : { device }) };
}

/** Half goes to the even neighbour, as in TensorFlow. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** TensorFlow writes -0 for neither sign; NaN stays. */
const relu = (value: number): number => (value < 0 ? 0 : value);

/** The constants with which activations keep mean 0 and variance 1. */
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const { numeric } = DTYPES;
const UNARY: Readonly<Record<string, UnaryOp>> = {
  Abs: { device: "Abs", dtypes: numeric, number: Math.abs, bigint: (value) => (value < 0n ? -value : value) },
  Acos: float(Math.acos),
  Acosh: float(Math.acosh),
  Asin: float(Math.asin),
  Asinh: float(Math.asinh),
  Atan: float(Math.atan),
  Atanh: float(Math.atanh),
  BesselI0: float((value) => scaledBesselI(0, value) * Math.exp(Math.abs(value))),
  BesselI0e: float((value) => scaledBesselI(0, value)),
  BesselI1: float((value) => scaledBesselI(1, value) * Math.exp(Math.abs(value))),
  BesselI1e: float((value) => scaledBesselI(1, value)),
  Ceil: float(Math.ceil, "Ceil"),
  Cos: float(Math.cos, "Cos"),
  Cosh: float(Math.cosh),
  Digamma: float(digamma),
  Elu: float((value) => (value < 0 ? Math.expm1(value) : value), "Elu"),
  Erf: float(erf, "Erf"),
  Erfc: float(erfc),
  Erfinv: float(erfInverse),
  Exp: float(Math.exp, "Exp"),
  Expm1: float(Math.expm1),
  Floor: float(Math.floor, "Floor"),
  Inv: float((value) => 1 / value),
  Lgamma: float(logGamma),
  Log: float(Math.log, "Log"),
  Log1p: float(Math.log1p),
  Ndtri: float(normalQuantile),
  Neg: { device: "Neg", dtypes: numeric, number: (value) => -value, bigint: (value) => -value },
  Reciprocal: float((value) => 1 / value, "Reciprocal"),
  Relu: { device: "Relu", dtypes: numeric, number: relu, bigint: (value) => (value < 0n ? 0n : value) },
  Relu6: {
    device: "Relu6",
    dtypes: numeric,
    number: (value) => Math.min(relu(value), 6),
    bigint: (value) => (value < 0n ? 0n : value > 6n ? 6n : value),
  },
  Rint: float(roundToEven),
  Round: { dtypes: numeric, number: roundToEven, bigint: (value) => value },
  Rsqrt: float((value) => 1 / Math.sqrt(value), "Rsqrt"),
  Selu: float((value) => SELU_SCALE * (value < 0 ? SELU_ALPHA * Math.expm1(value) : value)),
  Sigmoid: float((value) => 1 / (1 + Math.exp(-value)), "Sigmoid"),
  Sign: { dtypes: numeric, number: Math.sign, bigint: (value) => (value < 0n ? -1n : value > 0n ? 1n : 0n) },
  Sin: float(Math.sin, "Sin"),
  Sinh: float(Math.sinh),
  // Written so that neither end overflows.
  Softplus: float((value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))),
  Softsign: float((value) => value / (1 + Math.abs(value))),
  Sqrt: float(Math.sqrt, "Sqrt"),
  Square: {
    device: "Square",
    dtypes: numeric,
    number: (value) => value * value,
    integer: (value) => Math.imul(value, value),
    bigint: (value) => value * value,
  },
  Tan: float(Math.tan, "Tan"),
  Tanh: float(Math.tanh, "Tanh"),
};

const leakyRelu: KernelFactory = (node) => {
  const alpha = floatAttribute(node, "alpha", Math.fround(0.2));
  const dtype = dtypeAmong(node, "T", DTYPES.floating);
  return onEither(
    dtype,
    onDevice((on, x) => on.run("LeakyRelu", { x: x.device() }, { alpha })),
    onHost((x) => mapUnary(x, { number: (value) => (value < 0 ? value * alpha : value) })),
  );
};

function test(predicate: (value: number) => boolean): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.floating);
    return onHost((x) => mapTest(x, predicate));
  };
}

/** Operations on one element at a time. */
export const UNARY_ELEMENTWISE: KernelTable = {
  ...Object.fromEntries(Object.entries(UNARY).map(([name, op]) => [name, unary(op)])),
  IsFinite: test(Number.isFinite),
  IsInf: test((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  IsNan: test(Number.isNaN),
  LeakyRelu: leakyRelu,
  LogicalNot: () => onHost((x) => mapTest(x, (value) => value === 0)),
};
