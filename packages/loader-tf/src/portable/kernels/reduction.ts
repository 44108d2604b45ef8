import type { DType } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import { arithmeticOf, rangeOf } from "./host/elements.js";
import { argBest, type Reduction, reduce, reducedAxes } from "./host/reduce.js";
import { integerOf } from "./host/shapes.js";

interface ReductionOp extends Omit<Reduction, "start"> {
  readonly device?: string;
  readonly dtypes: readonly DType[];
  readonly start: (dtype: DType) => unknown;
}

const { numeric } = DTYPES;
const zero = (dtype: DType): unknown => arithmeticOf(dtype).zero;
const sum = { dtypes: numeric, start: zero, step: (dtype: DType) => arithmeticOf(dtype).add };

// Max and Min of floats keep NaN, as TensorFlow's do.
const OPS: Readonly<Record<string, ReductionOp>> = {
  EuclideanNorm: {
    dtypes: numeric,
    start: zero,
    step: (dtype) => {
      const { add, multiply } = arithmeticOf(dtype);
      return (total, value) => add(total, multiply(value, value));
    },
    finish: (total) => Math.sqrt(Number(total)),
  },
  Max: {
    device: "Max",
    dtypes: numeric,
    start: (dtype) => rangeOf(dtype)[0],
    step: (dtype) => arithmeticOf(dtype).larger,
  },
  Mean: {
    ...sum,
    device: "Mean",
    // TensorFlow divides integers towards zero; so does the cut to an integer.
    finish: (total, count) =>
      typeof total === "bigint" ? (count === 0 ? 0n : total / BigInt(count)) : Number(total) / count,
  },
  Min: {
    device: "Min",
    dtypes: numeric,
    start: (dtype) => rangeOf(dtype)[1],
    step: (dtype) => arithmeticOf(dtype).smaller,
  },
  Prod: {
    dtypes: numeric,
    start: (dtype) => arithmeticOf(dtype).one,
    step: (dtype) => arithmeticOf(dtype).multiply,
  },
  Sum: { ...sum, device: "Sum" },
};

function reduction({ device, dtypes, start, ...how }: ReductionOp): KernelFactory {
  return (node) => {
    const keepDims = boolAttribute(node, "keep_dims", false);
    const dtype = dtypeAmong(node, "T", dtypes);
    const host = onHost((x, axes) =>
      reduce(x, reducedAxes(axes, x.shape.length), { ...how, start: start(dtype), keepDims }),
    );
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

function logical(start: 0 | 1, step: (result: unknown, value: unknown) => unknown): KernelFactory {
  return (node) => {
    const keepDims = boolAttribute(node, "keep_dims", false);
    return onHost((x, axes) => reduce(x, reducedAxes(axes, x.shape.length), { start, step: () => step, keepDims }));
  };
}

function arg(beats: (a: number, b: number) => boolean): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", [...numeric, "bool"]);
    const isSaid = node.attributes.has("output_type");
    const dtype = isSaid ? dtypeAmong(node, "output_type", ["int64", "int32", "int16", "uint16"]) : "int64";
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
