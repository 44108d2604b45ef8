import { intsAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed, unsupported } from "../graph/graph-error.js";
import type { DeviceAttributes } from "../run/device.js";
import { type KernelFactory, type KernelTable, onDevice } from "../run/kernel.js";
import type { Value } from "../run/value.js";
import { activationOf } from "./activation.js";
import { formatShape, mismatch } from "./host/shapes.js";

function checkFormat(node: GraphNode): void {
  dtypeAmong(node, "T", DTYPES.float32);
  const format = textAttribute(node, "data_format", "NHWC");
  if (format !== "NHWC") throw unsupported(`data_format ${format}`);
}

/** The two numbers for height and width of an attribute that has one for each of NHWC. */
function spatial(node: GraphNode, name: string, fallback?: readonly number[]): [number, number] {
  const [batch, height, width, channels, ...rest] = intsAttribute(node, name, fallback);
  if (height === undefined || width === undefined || height < 1 || width < 1 || rest.length > 0) {
    throw malformed(`${name} of ${node.name} should be four positive numbers`);
  }
  if (batch !== 1 || channels !== 1) throw unsupported(`${name} along batch or channels`);
  return [height, width];
}

function padding(node: GraphNode): DeviceAttributes {
  const kind = textAttribute(node, "padding", "");
  if (kind === "SAME" || kind === "VALID") return { pad: kind.toLowerCase() };
  if (kind !== "EXPLICIT") throw unsupported(`padding ${kind}`);
  const amounts = intsAttribute(node, "explicit_paddings");
  if (amounts.length !== 8) throw malformed(`explicit_paddings of ${node.name} should be eight numbers`);
  const pairs = [0, 2, 4, 6].map((at) => [amounts[at] ?? 0, amounts[at + 1] ?? 0]);
  return { pad: pairs };
}

const ONES = [1, 1, 1, 1];

function convolutionAttributes(node: GraphNode): DeviceAttributes {
  checkFormat(node);
  return {
    strides: spatial(node, "strides"),
    dilations: spatial(node, "dilations", ONES),
    ...padding(node),
    dataFormat: "NHWC",
  };
}

function checkConvolution(x: Value, filter: Value): void {
  if (x.shape.length !== 4 || filter.shape.length !== 4) {
    throw mismatch(
      `a convolution needs [N, H, W, C] and a filter, got ${formatShape(x.shape)}, ${formatShape(filter.shape)}`,
    );
  }
  if (x.shape[3] === filter.shape[2]) return;
  throw mismatch(`the filter has ${filter.shape[2]} channels, the input ${x.shape[3]}`);
}

function convolution(kernel: string): KernelFactory {
  return (node) => {
    const attributes = convolutionAttributes(node);
    return onDevice((device, x, filter) => {
      checkConvolution(x, filter);
      return device.run(kernel, { x: x.device(), filter: filter.device() }, attributes);
    });
  };
}

function fusedConvolution(kernel: string): KernelFactory {
  return (node) => {
    const attributes = { ...convolutionAttributes(node), activation: activationOf(node), leakyreluAlpha: 0 };
    return onDevice((device, x, filter, bias) => {
      checkConvolution(x, filter);
      return device.run(kernel, { x: x.device(), filter: filter.device(), bias: bias.device() }, attributes);
    });
  };
}

function pool(kernel: string): KernelFactory {
  return (node) => {
    checkFormat(node);
    const attributes = { filterSize: spatial(node, "ksize"), strides: spatial(node, "strides"), ...padding(node) };
    return onDevice((device, x) => {
      if (x.shape.length !== 4) throw mismatch(`pooling needs [N, H, W, C], got ${formatShape(x.shape)}`);
      return device.run(kernel, { x: x.device() }, attributes);
    });
  };
}

/** Operations that slide a window over images. */
export const CONVOLUTION: KernelTable = {
  AvgPool: pool("AvgPool"),
  Conv2D: convolution("Conv2D"),
  DepthwiseConv2dNative: convolution("DepthwiseConv2dNative"),
  MaxPool: pool("MaxPool"),
  _FusedConv2D: fusedConvolution("FusedConv2D"),
  _FusedDepthwiseConv2dNative: fusedConvolution("FusedDepthwiseConv2D"),
};
