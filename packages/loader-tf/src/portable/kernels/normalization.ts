import type { Tensor } from "@servable/core";
import { boolAttribute, floatAttribute, intAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import {
  type KernelFactory,
  type KernelTable,
  onDevice,
  onEither,
  onHost,
  onHostMany,
  onValues,
} from "../run/kernel.js";
import { Value } from "../run/value.js";
import { channelsLast } from "./channels-last.js";
import { normalizeBatch } from "./host/batch-norm.js";
import { blank, elementsOf, numbersOf, tensorOfNumbers } from "./host/elements.js";
import { formatShape, mismatch } from "./host/shapes.js";

/** Softmax of rows of the last dimension, with the largest taken off first, so that nothing overflows. */
function softmaxOnHost(x: Tensor, logarithm: boolean): Tensor {
  const length = x.shape.at(-1) ?? 1;
  const source = x.data as Float32Array | Float64Array;
  const data = x.dtype === "float64" ? new Float64Array(source.length) : new Float32Array(source.length);
  for (let from = 0; from < source.length; from += length) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = from; at < from + length; at++) largest = Math.max(largest, source[at] ?? 0);
    let sum = 0;
    for (let at = from; at < from + length; at++) sum += Math.exp((source[at] ?? 0) - largest);
    for (let at = from; at < from + length; at++) {
      const shifted = (source[at] ?? 0) - largest;
      data[at] = logarithm ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
    }
  }
  return { dtype: x.dtype, shape: x.shape, data };
}

const softmax: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.floating);
  return onEither(
    dtype,
    onDevice((device, x) => device.run("Softmax", { logits: x.device() }, { dim: x.shape.length - 1 })),
    onHost((x) => softmaxOnHost(x, false)),
  );
};

const logSoftmax: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.floating);
  return onHost((x) => softmaxOnHost(x, true));
};

/** The device normalizes by statistics that are given; what is empty, and statistics of a batch, are the host's. */
const fusedBatchNorm: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const format = textAttribute(node, "data_format", "NHWC");
  const channelAxis = format === "NHWC" || format === "NDHWC" ? -1 : 1;
  const epsilon = floatAttribute(node, "epsilon", 1e-4);
  if (boolAttribute(node, "is_training", true)) {
    if (floatAttribute(node, "exponential_avg_factor", 1) !== 1) throw unsupported("exponential_avg_factor");
    return onHostMany((x, scale, offset) => normalizeBatch(x, { scale, offset, epsilon, channelAxis }));
  }
  return onValues((device, x, scale, offset, mean, variance) => {
    const channels = x.shape.at(channelAxis);
    for (const { shape } of [scale, offset, mean, variance]) {
      if (shape.length === 1 && shape[0] === channels) continue;
      throw mismatch(`${formatShape(shape)} does not go with the channels of ${formatShape(x.shape)}`);
    }
    if (x.size === 0) return x.reshaped(x.shape);
    const inputs = {
      x: x.device(),
      scale: scale.device(),
      offset: offset.device(),
      mean: mean.device(),
      variance: variance.device(),
    };
    return Value.ofDevice(device.run("FusedBatchNorm", inputs, { varianceEpsilon: epsilon }), device);
  });
};

/** Training or not, channels that come second are turned for the device alone. */
const batchNorm: KernelFactory = (node) =>
  boolAttribute(node, "is_training", true) ? fusedBatchNorm(node) : channelsLast(fusedBatchNorm)(node);

const localResponse: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const radius = intAttribute(node, "depth_radius", 5);
  const [bias, alpha, beta] = [
    floatAttribute(node, "bias", 1),
    floatAttribute(node, "alpha", 1),
    floatAttribute(node, "beta", 0.5),
  ];
  return onHost((x) => {
    const channels = x.shape.at(-1) ?? 1;
    const source = numbersOf(x);
    const result = blank(x.dtype, x.shape);
    const target = elementsOf(result);
    for (let at = 0; at < source.length; at++) {
      const channel = at % channels;
      let sum = 0;
      const last = Math.min(channels - 1, channel + radius);
      for (let near = Math.max(0, channel - radius); near <= last; near++) {
        sum += (source[at - channel + near] ?? 0) ** 2;
      }
      target[at] = (source[at] ?? 0) / (bias + alpha * sum) ** beta;
    }
    return result;
  });
};

const halfSquare: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.floating);
  return onHost((x) => {
    const source = numbersOf(x);
    let sum = 0;
    for (let at = 0; at < source.length; at++) sum += (source[at] ?? 0) ** 2;
    return tensorOfNumbers(x.dtype, [], [sum / 2]);
  });
};

/** Operations that bring elements to a common scale. */
export const NORMALIZATION: KernelTable = {
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  L2Loss: halfSquare,
  LRN: localResponse,
  LogSoftmax: logSoftmax,
  Softmax: softmax,
};
