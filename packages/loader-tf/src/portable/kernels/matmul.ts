import { sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import type { Device, DeviceTensor } from "../run/device.js";
import { type Kernel, type KernelFactory, type KernelTable, onDevice, onEither, onHost } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { activationOf } from "./activation.js";
import { mapBinary } from "./host/arithmetic.js";
import { broadcastShapes, formatShape, mismatch } from "./host/shapes.js";
import { broadcastTo } from "./host/strided.js";

interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function rows([rows = 0, columns = 0]: readonly number[], transposed: boolean): readonly [number, number] {
  return transposed ? [columns, rows] : [rows, columns];
}

function checkMatrices(a: readonly number[], b: readonly number[], { transposeA, transposeB }: Transposed): void {
  const [, columns] = rows(a.slice(-2), transposeA);
  const [length] = rows(b.slice(-2), transposeB);
  if (a.length >= 2 && b.length >= 2 && columns === length) return;
  throw mismatch(`matrices of shape ${formatShape(a)} and ${formatShape(b)} cannot be multiplied`);
}

/** The product by the book, for dtypes that the device does not have. */
function multiplyOnHost(a: Tensor, b: Tensor, how: Transposed): Tensor {
  checkMatrices(a.shape, b.shape, how);
  const [height, length] = rows(a.shape, how.transposeA);
  const [, width] = rows(b.shape, how.transposeB);
  const data = a.dtype === "float64" ? new Float64Array(height * width) : new Int32Array(height * width);
  const [left, right] = [a.data, b.data] as [ArrayLike<number>, ArrayLike<number>];
  const multiply = a.dtype === "float64" ? (x: number, y: number) => x * y : Math.imul;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let at = 0; at < length; at++) {
        const x = left[how.transposeA ? at * height + row : row * length + at] ?? 0;
        const y = right[how.transposeB ? column * length + at : at * width + column] ?? 0;
        sum = a.dtype === "float64" ? sum + multiply(x, y) : (sum + multiply(x, y)) | 0;
      }
      data[row * width + column] = sum;
    }
  }
  return { dtype: a.dtype, shape: [height, width], data };
}

interface FusedMatMul extends Transposed {
  readonly activation: string;
}

/** The device multiplies batches of matrices; one is a batch of one. */
function multiplyOnDevice(device: Device, [a, b, bias]: readonly Value[], how: FusedMatMul): DeviceTensor {
  if (a === undefined || b === undefined) throw mismatch("a product needs two matrices");
  if (a.shape.length !== 2 || b.shape.length !== 2) throw mismatch("a product needs matrices");
  checkMatrices(a.shape, b.shape, how);
  const batchOfOne = (value: Value): DeviceTensor => ({ ...value.device(), shape: [1, ...value.shape] });
  const inputs = { a: batchOfOne(a), b: batchOfOne(b), ...(bias === undefined ? {} : { bias: bias.device() }) };
  const product = device.run("_FusedMatMul", inputs, { ...how, leakyreluAlpha: 0 });
  return { ...product, shape: product.shape.slice(1) };
}

const matMul: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", ["float32", "float64", "int32"]);
  const how = {
    transposeA: boolAttribute(node, "transpose_a", false),
    transposeB: boolAttribute(node, "transpose_b", false),
  };
  if (dtype !== "float32") return onHost((a, b) => multiplyOnHost(a, b, how));
  return onDevice((device, a, b) => multiplyOnDevice(device, [a, b], { ...how, activation: "linear" }));
};

const fusedMatMul: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const how = {
    transposeA: boolAttribute(node, "transpose_a", false),
    transposeB: boolAttribute(node, "transpose_b", false),
    activation: activationOf(node),
  };
  return onDevice((device, a, b, bias) => multiplyOnDevice(device, [a, b, bias], how));
};

const batchMatMul: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const how = { transposeA: boolAttribute(node, "adj_x", false), transposeB: boolAttribute(node, "adj_y", false) };
  return onDevice((device, a, b) => {
    checkMatrices(a.shape, b.shape, how);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [left, right] = [stacked(a, batch, device), stacked(b, batch, device)];
    const product = device.run("BatchMatMul", { a: left.device(), b: right.device() }, how);
    for (const value of [left, right]) value.release();
    return { ...product, shape: [...batch, ...product.shape.slice(1)] };
  });
};

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

function biasAdd(node: GraphNode): Kernel {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const format = textAttribute(node, "data_format", "NHWC");
  if (format !== "NHWC") throw unsupported(`data_format ${format}`);
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
      return sizeOf(x.shape) === 0 ? x : mapBinary(x, bias, add);
    }),
  );
}

/** Products of matrices. */
export const MATMUL: KernelTable = {
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMul,
  BiasAdd: biasAdd,
  MatMul: matMul,
  _FusedMatMul: fusedMatMul,
};
