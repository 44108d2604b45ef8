import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { Device, DeviceAttributes, DeviceInputs, DeviceTensor } from "../run/device.js";
import { type KernelFactory, type KernelTable, onDevice, onDeviceUnlessEmpty, onHost } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { activationOf } from "./activation.js";
import { channelsLast, onlyChannelsLast } from "./channels-last.js";
import { bytesFor, spend } from "./host/allowance.js";
import { byShapes } from "./host/by-shapes.js";
import { convolve, convolveBack, dilate } from "./host/convolve.js";
import { checkedShape, formatShape, integersOf, mismatch } from "./host/shapes.js";
import { type Geometry, geometryOf, type Window } from "./host/window.js";
import { deviceWindow, type SpatialRank, spatialAttribute, windowOf } from "./window-attributes.js";

const { floating } = DTYPES;

/** How many groups of channels a filter keeps apart. */
function groupsOf(channels: number, filter: readonly number[]): number {
  const [perGroup = 0, outputs = 0] = filter.slice(-2);
  const groups = channels / perGroup;
  if (Number.isInteger(groups) && groups > 0 && outputs % groups === 0) return groups;
  throw mismatch(`the filter has ${perGroup} channels, the input ${channels}`);
}

function checkRanks(x: readonly number[], filter: readonly number[], rank: SpatialRank): void {
  if (x.length === rank + 2 && filter.length === rank + 2) return;
  const letters = rank === 2 ? "[N, H, W, C]" : "[N, D, H, W, C]";
  throw mismatch(`a convolution needs ${letters} and a filter, got ${formatShape(x)}, ${formatShape(filter)}`);
}

function onHostWith(window: Window, rank: SpatialRank): (x: Tensor, filter: Tensor) => Tensor {
  return (x, filter) => {
    checkRanks(x.shape, filter.shape, rank);
    groupsOf(x.shape.at(-1) ?? 0, filter.shape);
    return convolve(x, filter, geometryOf(x.shape.slice(1, -1), filter.shape.slice(0, rank), window));
  };
}

interface DeviceConvolution {
  readonly kernel: string;
  readonly attributes: DeviceAttributes;
}

interface Operands {
  readonly x: DeviceTensor;
  readonly filter: DeviceTensor;
  readonly bias?: DeviceTensor;
}

/** As the device has it, which is not what a type of optional fields is. */
function inputsOf({ x, filter, bias }: Operands): DeviceInputs {
  return bias === undefined ? { x, filter } : { x, filter, bias };
}

/**
 * The attributes for one image. Where a window is smaller than its stride, "same" may want less than no padding, of which
 * the device makes a very large one: it then gets the padding spelled out.
 */
function fitted(
  attributes: DeviceAttributes,
  window: Window,
  [x, filter]: readonly (readonly number[])[],
): DeviceAttributes {
  if (window.padding !== "SAME" || x === undefined || filter === undefined) return attributes;
  if ((window.strides[0] ?? 1) === 1 && (window.strides[1] ?? 1) === 1) return attributes;
  const size = filter.slice(0, -2);
  const isSmall = window.strides.some(
    (stride, axis) => stride > ((size[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1,
  );
  if (!isSmall) return attributes;
  const { before, output } = geometryOf(x.slice(1, -1), size, window);
  const pairs = before.map((start, axis) => {
    const reach = ((size[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1;
    const total = ((output[axis] ?? 1) - 1) * (window.strides[axis] ?? 1) + reach - (x[axis + 1] ?? 0);
    return [start, Math.max(total, 0) - start];
  });
  return { ...attributes, pad: [[0, 0], ...pairs, [0, 0]] };
}

/** The device knows no groups: they are cut apart, convolved one by one, and joined. */
function inGroups(device: Device, operands: Operands, { kernel, attributes }: DeviceConvolution): DeviceTensor {
  const { x, filter, bias } = operands;
  const groups = groupsOf(x.shape.at(-1) ?? 0, filter.shape);
  if (groups === 1) return device.run(kernel, inputsOf(operands), attributes);
  const part = (tensor: DeviceTensor, group: number): DeviceTensor => {
    const length = (tensor.shape.at(-1) ?? 0) / groups;
    const begin = tensor.shape.map((_, axis) => (axis === tensor.shape.length - 1 ? group * length : 0));
    return device.run("Slice", { x: tensor }, { begin, size: [...tensor.shape.slice(0, -1), length] });
  };
  const results = Array.from({ length: groups }, (_, group) => {
    const own = { x: part(x, group), filter: part(filter, group) };
    const parts: Operands = bias === undefined ? own : { ...own, bias: part(bias, group) };
    const result = device.run(kernel, inputsOf(parts), attributes);
    for (const tensor of Object.values(parts)) device.release(tensor);
    return result;
  });
  const joined = device.run("Concat", results, { axis: x.shape.length - 1 });
  for (const result of results) device.release(result);
  return joined;
}

const conv2D: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [...floating, "int32"]);
  const window = windowOf(node, 2);
  const convolution = { kernel: "Conv2D", attributes: { ...deviceWindow(window), dataFormat: "NHWC" } };
  return onDeviceUnlessEmpty(
    dtype,
    onDevice((device, x, filter) => {
      checkRanks(x.shape, filter.shape, 2);
      spendOn(x.shape, filter.shape, { window, outputs: filter.shape.at(-1) ?? 0 });
      const attributes = fitted(convolution.attributes, window, [x.shape, filter.shape]);
      return inGroups(device, { x: x.device(), filter: filter.device() }, { kernel: "Conv2D", attributes });
    }),
    onHost(onHostWith(window, 2)),
  );
};

const conv3D: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  const window = windowOf(node, 3);
  const host = onHost(onHostWith(window, 3));
  const convolution = { kernel: "Conv3D", attributes: { ...deviceWindow(window) } };
  const device = onDevice((on, x, filter) => {
    checkRanks(x.shape, filter.shape, 3);
    spendOn(x.shape, filter.shape, { window, outputs: filter.shape.at(-1) ?? 0 });
    return inGroups(on, { x: x.device(), filter: filter.device() }, convolution);
  });
  return onDeviceUnlessEmpty(dtype, device, host);
};

/** Up to this the bound will do, which takes no time to compute. */
const SMALL = 2 ** 26;

interface Slide {
  readonly window: Window;
  readonly outputs: number;
}

/** Bytes of what the device makes: padding may make it as large as a model likes. */
function outputBytes(x: readonly number[], filter: readonly number[], { window, outputs }: Slide): number {
  if (typeof window.padding === "string") {
    // Without padding of its own nothing gets larger than the image.
    const most = bytesFor("float32", (sizeOf(x) / (x.at(-1) ?? 1)) * outputs);
    if (most <= SMALL) return most;
  }
  const { output } = geometryOf(x.slice(1, -1), filter.slice(0, -2), window);
  return bytesFor("float32", (x[0] ?? 0) * sizeOf(output) * outputs);
}

/** Accounts for what the device makes. */
function spendOn(x: readonly number[], filter: readonly number[], slide: Slide): void {
  spend(outputBytes(x, filter, slide));
}

/** A depthwise filter [H, W, C, M] is one of C groups with M outputs each. */
function grouped(filter: Tensor): Tensor {
  const [height = 0, width = 0, channels = 0, outputs = 0] = filter.shape;
  return { ...filter, shape: [height, width, 1, channels * outputs] };
}

function checkDepthwise(x: readonly number[], filter: readonly number[]): void {
  checkRanks(x, filter, 2);
  if (x[3] !== filter[2]) throw mismatch(`the filter has ${filter[2]} channels, the input ${x[3]}`);
}

const depthwise: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", floating);
  const window = windowOf(node, 2);
  const attributes = { ...deviceWindow(window), dataFormat: "NHWC" };
  return onDeviceUnlessEmpty(
    dtype,
    onDevice((device, x, filter) => {
      checkDepthwise(x.shape, filter.shape);
      spendOn(x.shape, filter.shape, { window, outputs: sizeOf(filter.shape.slice(-2)) });
      const inputs = { x: x.device(), filter: filter.device() };
      return device.run("DepthwiseConv2dNative", inputs, fitted(attributes, window, [x.shape, filter.shape]));
    }),
    onHost((x, filter) => {
      checkDepthwise(x.shape, filter.shape);
      return onHostWith(window, 2)(x, grouped(filter));
    }),
  );
};

function fused(kernel: string): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.float32);
    const window = windowOf(node, 2);
    const general = { ...deviceWindow(window), dataFormat: "NHWC", ...activationOf(node) };
    const prepared = byShapes((x, filter) => {
      checkRanks(x, filter, 2);
      const isDepthwise = kernel !== "FusedConv2D";
      if (isDepthwise) checkDepthwise(x, filter);
      const outputs = isDepthwise ? sizeOf(filter.slice(-2)) : (filter.at(-1) ?? 0);
      return {
        bytes: outputBytes(x, filter, { window, outputs }),
        attributes: fitted(general, window, [x, filter]),
        hasGroups: !isDepthwise && groupsOf(x.at(-1) ?? 0, filter) > 1,
      };
    });
    return onDevice((device, x, filter, bias) => {
      const { bytes, attributes, hasGroups } = prepared(x.shape, filter.shape);
      spend(bytes);
      const operands = { x: x.device(), filter: filter.device(), bias: bias.device() };
      return hasGroups ? inGroups(device, operands, { kernel, attributes }) : device.run(kernel, operands, attributes);
    });
  };
}

/** The geometry of the convolution whose other direction is asked for. */
function geometryBack(sizes: Tensor, y: readonly number[], { filter, window, rank }: Back): Geometry {
  const shape = integersOf(sizes);
  // Sizes may leave batch and channels out.
  const input = shape.length === rank ? shape : shape.slice(1, -1);
  checkRanks(y, filter, rank);
  const geometry = geometryOf(input, filter.slice(0, rank), window);
  if (geometry.output.every((size, axis) => size === y[axis + 1])) return geometry;
  throw mismatch(`${formatShape(y)} is not what a convolution of ${formatShape(shape)} gives`);
}

interface Back {
  readonly filter: readonly number[];
  readonly window: Window;
  readonly rank: SpatialRank;
}

function transposed(rank: SpatialRank, isDepthwise: boolean): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", floating);
    const window = windowOf(node, rank);
    const host = onHost((sizes, filter, y) => {
      const weights = isDepthwise ? grouped(filter) : filter;
      const geometry = geometryBack(sizes, y.shape, { filter: weights.shape, window, rank });
      const channels = isDepthwise ? (filter.shape[2] ?? 0) : (integersOf(sizes)[rank + 1] ?? filter.shape[rank] ?? 0);
      if (!isDepthwise) groupsOf(channels, filter.shape);
      if (weights.shape.at(-1) === y.shape.at(-1)) return convolveBack(y, weights, geometry, channels);
      throw mismatch(`the filter has ${weights.shape.at(-1)} outputs, the gradient ${y.shape.at(-1)}`);
    });
    const isPlain = rank === 2 && !isDepthwise && window.dilations.every((dilation) => dilation === 1);
    if (dtype !== "float32" || !isPlain) return host;
    const { strides, pad } = deviceWindow(window);
    return (on, ...inputs) => {
      const [sizes, filter, y] = inputs;
      if (sizes === undefined || filter === undefined || y === undefined) return host(on, ...inputs);
      const wanted = integersOf(sizes.host());
      const isGrouped = wanted[3] !== filter.shape[2] || filter.shape[3] !== y.shape[3];
      if (isGrouped || y.size === 0 || filter.size === 0) return host(on, ...inputs);
      geometryBack(sizes.host(), y.shape, { filter: filter.shape, window, rank });
      const inputShape = [y.shape[0] ?? 0, ...wanted.slice(1)];
      spend(bytesFor("float32", sizeOf(checkedShape(inputShape))));
      const attributes = { strides, pad, dataFormat: "NHWC", inputShape };
      const made = on.run("Conv2DBackpropInput", { dy: y.device(), filter: filter.device() }, attributes);
      return [Value.ofDevice(made, on)];
    };
  };
}

const dilation: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const base = windowOf(
    { ...node, attributes: new Map([...node.attributes].filter(([name]) => name !== "dilations")) },
    2,
  );
  const window = { ...base, dilations: spatialAttribute(node, "rates", 2) };
  return onHost((x, filter) => {
    if (x.shape.length !== 4 || filter.shape.length !== 3 || x.shape[3] !== filter.shape[2]) {
      throw mismatch(`${formatShape(filter.shape)} does not dilate ${formatShape(x.shape)}`);
    }
    return dilate(x, filter, geometryOf(x.shape.slice(1, -1), filter.shape.slice(0, 2), window));
  });
};

/** Operations that slide a filter over images. */
export const CONVOLUTION: KernelTable = {
  Conv2D: channelsLast(conv2D),
  Conv2DBackpropInput: onlyChannelsLast(transposed(2, false)),
  Conv3D: channelsLast(conv3D),
  Conv3DBackpropInputV2: onlyChannelsLast(transposed(3, false)),
  DepthwiseConv2dNative: channelsLast(depthwise),
  DepthwiseConv2dNativeBackpropInput: onlyChannelsLast(transposed(2, true)),
  Dilation2D: dilation,
  _FusedConv2D: fused("FusedConv2D"),
  _FusedDepthwiseConv2dNative: fused("FusedDepthwiseConv2D"),
};
