import { type DType, sizeOf } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import type { Device, DeviceTensor } from "../run/device.js";
import { type KernelFactory, type KernelTable, onDevice, onEither, onHost, onValues } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { activationOf } from "./activation.js";
import { channelsLast } from "./channels-last.js";
import { bytesFor, spend } from "./host/allowance.js";
import { mapBinary } from "./host/arithmetic.js";
import { byShapes } from "./host/by-shapes.js";
import { cast } from "./host/cast.js";
import { matrixOf, multiplyStacks, type Turned } from "./host/product.js";
import { broadcastShapes, formatShape, mismatch } from "./host/shapes.js";
import { broadcastTo } from "./host/strided.js";

function checkMatrices(a: readonly number[], b: readonly number[], { transposeA, transposeB }: Turned): void {
  const [, columns] = matrixOf(a, transposeA);
  const [length] = matrixOf(b, transposeB);
  if (a.length >= 2 && b.length >= 2 && columns === length) return;
  throw mismatch(`matrices of shape ${formatShape(a)} and ${formatShape(b)} cannot be multiplied`);
}

/** The device's words for how it multiplies; a type and not an interface, so that it goes for a map of attributes. */
type DeviceProduct = {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: string;
  readonly leakyreluAlpha: number;
};

/** The device multiplies batches of matrices; one is a batch of one. Matrices of a stack go for one, row below row. */
function batchOfOne(value: Value): DeviceTensor {
  const { dataId, dtype } = value.device();
  const columns = value.shape.at(-1) ?? 0;
  const rows = value.shape.length === 2 ? (value.shape[0] ?? 0) : columns === 0 ? 0 : value.size / columns;
  return { dataId, dtype, shape: [1, rows, columns] };
}

/** The product of a matrix, or of each matrix of a stack that is not transposed, with another. */
function multiplyOnDevice(device: Device, [a, b, bias]: readonly Value[], how: DeviceProduct): Value {
  if (a === undefined || b === undefined) throw mismatch("a product needs two matrices");
  checkMatrices(a.shape, b.shape, how);
  if (b.shape.length !== 2 || (how.transposeA && a.shape.length !== 2)) throw mismatch("a product needs matrices");
  const matrices = { a: batchOfOne(a), b: batchOfOne(b) };
  const inputs = bias === undefined ? matrices : { a: matrices.a, b: matrices.b, bias: bias.device() };
  const [rows] = a.shape.length === 2 ? matrixOf(a.shape, how.transposeA) : [sizeOf(a.shape.slice(0, -1))];
  spend(bytesFor("float32", rows * matrixOf(b.shape, how.transposeB)[1]));
  const { dataId, dtype, shape } = device.run("_FusedMatMul", inputs, how);
  const own = a.shape.length === 2 ? shape.slice(1) : [...a.shape.slice(0, -1), shape[2] ?? 0];
  return Value.ofDevice({ dataId, dtype, shape: own }, device);
}

const matMul: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const turned = {
    transposeA: boolAttribute(node, "transpose_a", false),
    transposeB: boolAttribute(node, "transpose_b", false),
  };
  const how = { ...turned, activation: "linear", leakyreluAlpha: 0 };
  return onValues((device, a, b) => {
    if (a.shape.length !== 2 || b.shape.length !== 2) throw mismatch("a product needs matrices");
    if (a.dtype !== "float32" || a.size === 0 || b.size === 0) return batchProduct(a, b, { turned, device });
    return multiplyOnDevice(device, [a, b], how);
  });
};

const fusedMatMul: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const how = {
    transposeA: boolAttribute(node, "transpose_a", false),
    transposeB: boolAttribute(node, "transpose_b", false),
    ...activationOf(node),
  };
  const isPlain = !how.transposeA && !how.transposeB;
  const prepared = byShapes((a, b) => denseShapes(a, b, how));
  const attributes = { ...ONE_BY_ONE, activation: how.activation, leakyreluAlpha: how.leakyreluAlpha };
  return onValues((device, a, b, bias) => {
    if (!isPlain || a.size === 0 || b.size === 0) return multiplyOnDevice(device, [a, b, bias], how);
    const { bytes, x, filter, result } = prepared(a.shape, b.shape);
    spend(bytes);
    const [image, weights] = [a.device(), b.device()];
    const operands = {
      x: { dataId: image.dataId, dtype: image.dtype, shape: x },
      filter: { dataId: weights.dataId, dtype: weights.dtype, shape: filter },
      bias: bias.device(),
    };
    const { dataId, dtype } = device.run("FusedConv2D", operands, attributes);
    return Value.ofDevice({ dataId, dtype, shape: result }, device);
  });
};

/**
 * A dense layer is a convolution of one pixel over an image whose pixels are the rows: the same product on the device,
 * whose call is cheaper than that of a product of stacks.
 */
const ONE_BY_ONE = { strides: [1, 1], pad: "valid", dilations: [1, 1], dataFormat: "NHWC" };

interface DenseShapes {
  readonly bytes: number;
  readonly x: number[];
  readonly filter: number[];
  readonly result: number[];
}

function denseShapes(a: readonly number[], b: readonly number[], how: Turned): DenseShapes {
  checkMatrices(a, b, how);
  const [length = 0, columns = 0] = b;
  if (b.length !== 2) throw mismatch("a product needs matrices");
  const rows = sizeOf(a.slice(0, -1));
  const result = [...a.slice(0, -1), columns];
  return {
    bytes: bytesFor("float32", rows * columns),
    x: [1, rows, 1, length],
    filter: [1, 1, length, columns],
    result,
  };
}

/** How stacks of matrices are multiplied, and where. */
export interface ProductRequest {
  readonly turned: Turned;
  readonly device: Device;
  /** What the elements are summed in, where it is another dtype than theirs. */
  readonly result?: DType;
}

/**
 * The products of stacks of matrices [..., rows, columns], which are stretched to each other: float32 on the device.
 * @throws ServingError INVALID_ARGUMENT for shapes that do not go together
 */
export function batchProduct(a: Value, b: Value, { turned, device, result = a.dtype }: ProductRequest): Value {
  checkMatrices(a.shape, b.shape, turned);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, matrixOf(a.shape, turned.transposeA)[0], matrixOf(b.shape, turned.transposeB)[1]];
  const [left, right] = [stacked(a, batch, device), stacked(b, batch, device)];
  try {
    if (a.dtype !== "float32" || a.size === 0 || b.size === 0) {
      const product = multiplyStacks(cast(left.host(), result), cast(right.host(), result), turned);
      return Value.ofHost({ ...product, shape }, device);
    }
    spend(bytesFor("float32", sizeOf(shape)));
    const product = device.run("BatchMatMul", { a: left.device(), b: right.device() }, { ...turned });
    return Value.ofDevice({ ...product, shape }, device);
  } finally {
    for (const value of [left, right]) value.release();
  }
}

const batchMatMul: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const turned = turnedOf(node);
  return onValues((device, a, b) => batchProduct(a, b, { turned, device }));
};

const BYTES: readonly DType[] = ["int8", "uint8"];

/** The third version names three dtypes: one and the same, or those of quantized layers, bytes that are summed in int32. */
const batchMatMulV3: KernelFactory = (node) => {
  const [a, b, result] = ["Ta", "Tb", "Tout"].map((name) => dtypeAmong(node, name, DTYPES.numeric));
  const isWidening = [a, b].every((dtype) => dtype !== undefined && BYTES.includes(dtype)) && result === "int32";
  if (result === undefined || !(isWidening || (a === b && b === result))) {
    throw unsupported(`matrices of ${a} and ${b} to ${result}`);
  }
  const turned = turnedOf(node);
  return onValues((device, left, right) => batchProduct(left, right, { turned, device, result }));
};

function turnedOf(node: GraphNode): Turned {
  return { transposeA: boolAttribute(node, "adj_x", false), transposeB: boolAttribute(node, "adj_y", false) };
}

/**
 * Matrices as a stack [n, rows, columns], n being 1 or the size of `batch`. The device pairs the matrices of two stacks
 * one by one; it does not stretch a stack over another.
 */
function stacked(value: Value, batch: readonly number[], device: Device): Value {
  const own = value.shape.slice(0, -2);
  const matrix = value.shape.slice(-2);
  const [size, full] = [sizeOf(own), sizeOf(batch)];
  if (size === 1 || size === full) return value.reshaped([size, ...matrix]);
  const stretched = broadcastTo(value.host(), [...batch, ...matrix]);
  return Value.ofHost({ ...stretched, shape: [full, ...matrix] }, device);
}

const biasAdd: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const check = (x: readonly number[], bias: readonly number[]): void => {
    if (bias.length === 1 && bias[0] === x.at(-1)) return;
    throw mismatch(`a bias of shape ${formatShape(bias)} does not go with ${formatShape(x)}`);
  };
  const add = { number: (a: number, b: number) => a + b, bigint: (a: bigint, b: bigint) => a + b };
  return onEither(
    dtype,
    onDevice((device, x, bias) => {
      check(x.shape, bias.shape);
      return device.run("Add", { a: x.device(), b: bias.device() });
    }),
    onHost((x, bias) => {
      check(x.shape, bias.shape);
      return mapBinary(x, bias, add);
    }),
  );
};

/** Products of matrices. */
export const MATMUL: KernelTable = {
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMulV3,
  BiasAdd: channelsLast(biasAdd),
  BiasAddV1: biasAdd,
  MatMul: matMul,
  _FusedMatMul: fusedMatMul,
};
