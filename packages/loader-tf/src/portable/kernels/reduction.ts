import type { DType } from "@servable/core";
import { boolAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import { argBest, type Reduction, reduce, reducedAxes } from "./host/reduce.js";
import { integerOf } from "./host/shapes.js";

interface ReductionOp extends Reduction {
  readonly device?: string;
  readonly dtypes: readonly DType[];
}

const { numeric } = DTYPES;
const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

// Max and Min of floats keep NaN, as TensorFlow's do.
const OPS: Readonly<Record<string, ReductionOp>> = {
  Sum: {
    device: "Sum",
    dtypes: numeric,
    number: { start: 0, step: (sum, value) => sum + value },
    bigint: { start: 0n, step: (sum, value) => sum + value },
  },
  Mean: {
    device: "Mean",
    dtypes: numeric,
    number: { start: 0, step: (sum, value) => sum + value },
    bigint: { start: 0n, step: (sum, value) => sum + value },
    finish: (sum, count) => sum / count,
  },
  Prod: {
    dtypes: ["float32", "float64", "int64"],
    number: { start: 1, step: (product, value) => product * value },
    bigint: { start: 1n, step: (product, value) => BigInt.asIntN(64, product * value) },
  },
  Max: {
    device: "Max",
    dtypes: numeric,
    number: { start: Number.NEGATIVE_INFINITY, step: Math.max },
    bigint: { start: LEAST, step: (best, value) => (value > best ? value : best) },
  },
  Min: {
    device: "Min",
    dtypes: numeric,
    number: { start: Number.POSITIVE_INFINITY, step: Math.min },
    bigint: { start: GREATEST, step: (best, value) => (value < best ? value : best) },
  },
};

function reduction({ device, dtypes, ...how }: ReductionOp): KernelFactory {
  return (node) => {
    const keepDims = boolAttribute(node, "keep_dims", false);
    const dtype = dtypeAmong(node, "T", dtypes);
    const host = onHost((x, axes) => reduce(x, reducedAxes(axes, x.shape.length), { ...how, keepDims }));
    if (device === undefined) return host;
    const fast = onDevice((on, x, axes) => {
      const axis = reducedAxes(axes.host(), x.shape.length);
      return on.run(device, { x: x.device() }, { axis, reductionIndices: axis, keepDims });
    });
    const either = onEither(dtype, fast, host);
    // Over no axis or no element the device's kernels do not do as TensorFlow does.
    return (on, ...inputs) => {
      const [x, axes] = inputs;
      const plain = x === undefined || x.size === 0 || axes === undefined || axes.size === 0;
      return plain ? host(on, ...inputs) : either(on, ...inputs);
    };
  };
}

function logical(start: 0 | 1, step: (result: number, value: number) => number): KernelFactory {
  return (node) => {
    const keepDims = boolAttribute(node, "keep_dims", false);
    return onHost((x, axes) => reduce(x, reducedAxes(axes, x.shape.length), { number: { start, step }, keepDims }));
  };
}

function arg(beats: (a: number, b: number) => boolean): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", numeric);
    const dtype = typeAttribute(node, "output_type", "int64");
    if (dtype !== "int32" && dtype !== "int64") throw unsupported(`output_type ${dtype}`);
    return onHost((x, axis) => argBest(x, integerOf(axis), { beats, dtype }));
  };
}

/** Operations that make one element of many. */
export const REDUCTION: KernelTable = {
  ...Object.fromEntries(Object.entries(OPS).map(([name, op]) => [name, reduction(op)])),
  All: logical(1, (result, value) => (result !== 0 && value !== 0 ? 1 : 0)),
  Any: logical(0, (result, value) => (result !== 0 || value !== 0 ? 1 : 0)),
  ArgMax: arg((a, b) => a > b),
  ArgMin: arg((a, b) => a < b),
};
