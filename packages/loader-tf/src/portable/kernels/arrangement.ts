import { sizeOf, type Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { Device } from "../run/device.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany, onValues } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { checkedLength, reserve } from "./host/allowance.js";
import { axisOf, checkedShape, formatShape, integerOf, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { copyView, placeInto } from "./host/strided.js";
import { stridedView } from "./host/strided-slice.js";

const { any } = DTYPES;

function checkJoint(shapes: readonly (readonly number[])[], along: number): void {
  const [first = []] = shapes;
  for (const shape of shapes) {
    if (shape.length === first.length && shape.every((size, axis) => axis === along || size === first[axis])) continue;
    throw mismatch(`shapes ${formatShape(first)} and ${formatShape(shape)} cannot be joined along axis ${along}`);
  }
}

/** Joins tensors along an axis that they all have. */
function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw mismatch("there is nothing to join");
  const along = axisOf(axis, first.shape.length);
  checkJoint(
    parts.map(({ shape }) => shape),
    along,
  );
  const total = parts.reduce((sum, { shape }) => sum + (shape[along] ?? 0), 0);
  const shape = checkedShape(first.shape.toSpliced(along, 1, total));
  const strides = stridesOf(shape);
  const data = reserve(first.dtype, sizeOf(shape));
  let offset = 0;
  for (const part of parts) {
    placeInto(data, part, { offset, strides });
    offset += (part.shape[along] ?? 0) * (strides[along] ?? 0);
  }
  return { dtype: first.dtype, shape, data };
}

const pack: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  const axis = intAttribute(node, "axis", 0);
  return onHost((...parts) => {
    const rank = (parts[0]?.shape.length ?? 0) + 1;
    const at = axisOf(axis, rank);
    return concat(
      parts.map((part) => ({ ...part, shape: part.shape.toSpliced(at, 0, 1) })),
      at,
    );
  });
};

/** Cuts a tensor along an axis into parts of the given lengths. */
function split(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  const along = axisOf(axis, x.shape.length);
  const strides = stridesOf(x.shape);
  let start = 0;
  const parts = lengths.map((length) => {
    const offset = start * (strides[along] ?? 0);
    start += length;
    return { shape: x.shape.toSpliced(along, 1, length), strides, offset };
  });
  if (start === x.shape[along]) return parts.map((view) => copyView(x, view));
  throw mismatch(`axis ${along} of ${formatShape(x.shape)} cannot be cut into ${lengths.join(" + ")}`);
}

const splitEvenly: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  const count = intAttribute(node, "num_split");
  return onHostMany((axis, x) => {
    const size = x.shape[axisOf(integerOf(axis), x.shape.length)] ?? 0;
    return split(
      x,
      integerOf(axis),
      Array.from({ length: checkedLength(count) }, () => size / count),
    );
  });
};

const splitByLength: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onHostMany((x, lengths, axis) => {
    const wanted = integersOf(lengths);
    const size = x.shape[axisOf(integerOf(axis), x.shape.length)] ?? 0;
    const left = size - wanted.reduce((sum, length) => sum + (length === -1 ? 0 : length), 0);
    return split(
      x,
      integerOf(axis),
      wanted.map((length) => (length === -1 ? left : length)),
    );
  });
};

const unpack: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  const axis = intAttribute(node, "axis", 0);
  const count = intAttribute(node, "num");
  return onHostMany((x) => {
    const along = axisOf(axis, x.shape.length);
    return split(
      x,
      along,
      Array.from({ length: checkedLength(count) }, () => 1),
    ).map((part) => ({
      ...part,
      shape: part.shape.toSpliced(along, 1),
    }));
  });
};

/** A box out of a tensor. */
export interface Box {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

function sliceTensor(x: Tensor, { begin, size }: Box): Tensor {
  const strides = stridesOf(x.shape);
  return copyView(x, {
    shape: size,
    strides,
    offset: begin.reduce((sum, start, axis) => sum + start * (strides[axis] ?? 0), 0),
  });
}

/** A box out of a tensor, where it lies; the result is a value of its own. */
export function sliceValue(x: Value, box: Box, device: Device): Value {
  const { begin, size } = box;
  if (size.every((length, axis) => length === x.shape[axis])) return x.reshaped(x.shape);
  const isOrdinary = x.shape.length > 1 && x.shape.length <= 4 && sizeOf(size) > 0;
  if (!x.isOnDevice || !isOrdinary) return Value.ofHost(sliceTensor(x.host(), box), device);
  return Value.ofDevice(device.run("Slice", { x: x.device() }, { begin: [...begin], size: [...size] }), device);
}

const slice: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onValues((device, x, begins, sizes) => {
    const begin = integersOf(begins.host());
    const size = integersOf(sizes.host()).map((length, axis) =>
      length === -1 ? (x.shape[axis] ?? 0) - (begin[axis] ?? 0) : length,
    );
    const inside = x.shape.every((limit, axis) => {
      const [start, length] = [begin[axis] ?? -1, size[axis] ?? -1];
      return start >= 0 && length >= 0 && start + length <= limit;
    });
    if (inside && size.length === x.shape.length) return sliceValue(x, { begin, size }, device);
    throw mismatch(`${formatShape(size)} from ${formatShape(begin)} lies outside of ${formatShape(x.shape)}`);
  });
};

const stridedSlice: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  const view = stridedView(node);
  return onValues((device, x, begin, end, strides) => {
    const [from, to, by] = [begin, end, strides].map((value) => integersOf(value.host())) as [
      number[],
      number[],
      number[],
    ];
    const of = view(x.shape, { begin: from, end: to, strides: by });
    const own = stridesOf(x.shape);
    if (!x.isOnDevice || of.strides.some((stride, axis) => stride !== own[axis])) {
      return Value.ofHost({ ...copyView(x.host(), of), shape: of.resultShape }, device);
    }
    const start = own.map((stride, axis) => Math.floor(of.offset / stride) % (x.shape[axis] ?? 1));
    const box = sliceValue(x, { begin: start, size: of.shape }, device);
    const result = box.reshaped(of.resultShape);
    box.release();
    return result;
  });
};

/** The device joins what lies there; a join of few numbers is quicker on the host. */
function concatValues(values: readonly Value[], axis: number, device: Device): Value {
  const rank = values[0]?.shape.length ?? 0;
  const isFloat = values.every(({ dtype, shape, size }) => dtype === "float32" && shape.length === rank && size > 0);
  if (!isFloat || values.length < 2 || !values.some((value) => value.isOnDevice)) {
    const parts = values.map((value) => value.host());
    return Value.ofHost(concat(parts, axis), device);
  }
  const along = axisOf(axis, rank);
  checkJoint(
    values.map(({ shape }) => shape),
    along,
  );
  const inputs = values.map((value) => value.device());
  return Value.ofDevice(device.run("Concat", inputs, { axis: along }), device);
}

const concatLast: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onValues((device, ...inputs) => {
    const axis = inputs.at(-1);
    if (axis === undefined) throw mismatch("there is nothing to join");
    return concatValues(inputs.slice(0, -1), integerOf(axis.host()), device);
  });
};

const concatFirst: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onValues((device, axis, ...parts) => concatValues(parts, integerOf(axis.host()), device));
};

/** Operations that move elements about. */
export const ARRANGEMENT: KernelTable = {
  Concat: concatFirst,
  ConcatV2: concatLast,
  Pack: pack,
  Slice: slice,
  Split: splitEvenly,
  SplitV: splitByLength,
  StridedSlice: stridedSlice,
  Unpack: unpack,
};
