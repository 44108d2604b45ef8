import type { Tensor } from "@servable/core";
import { boolAttribute, floatAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
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

const fusedBatchNorm: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  if (boolAttribute(node, "is_training", true)) throw unsupported("is_training");
  const format = textAttribute(node, "data_format", "NHWC");
  if (format !== "NHWC") throw unsupported(`data_format ${format}`);
  const varianceEpsilon = floatAttribute(node, "epsilon", 1e-4);
  return onDevice((device, x, scale, offset, mean, variance) => {
    const channels = x.shape.at(-1);
    for (const { shape } of [scale, offset, mean, variance]) {
      if (shape.length === 1 && shape[0] === channels) continue;
      throw mismatch(`${formatShape(shape)} does not go with the channels of ${formatShape(x.shape)}`);
    }
    const inputs = {
      x: x.device(),
      scale: scale.device(),
      offset: offset.device(),
      mean: mean.device(),
      variance: variance.device(),
    };
    return device.run("FusedBatchNorm", inputs, { varianceEpsilon });
  });
};

/** Operations that bring elements to a common scale. */
export const NORMALIZATION: KernelTable = {
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LogSoftmax: logSoftmax,
  Softmax: softmax,
};
