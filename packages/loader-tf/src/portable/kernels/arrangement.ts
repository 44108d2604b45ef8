import { allocate, type DType, sizeOf, type Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { isBig } from "./host/elements.js";
import {
  axisOf,
  broadcastShapes,
  checkedShape,
  formatShape,
  integerOf,
  integersOf,
  mismatch,
  stridesOf,
} from "./host/shapes.js";
import { broadcastTo, copyView, type Elements, placeInto } from "./host/strided.js";
import { stridedView } from "./host/strided-slice.js";

const { any } = DTYPES;

function checked(compute: (...inputs: readonly Tensor[]) => Tensor, name = "T"): KernelFactory {
  return (node) => {
    dtypeAmong(node, name, any);
    return onHost(compute);
  };
}

/** Joins tensors along an axis that they all have. */
function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw mismatch("there is nothing to join");
  const along = axisOf(axis, first.shape.length);
  for (const { shape } of parts) {
    if (shape.length === first.shape.length && shape.every((size, d) => d === along || size === first.shape[d]))
      continue;
    throw mismatch(`shapes ${formatShape(first.shape)} and ${formatShape(shape)} cannot be joined along axis ${along}`);
  }
  const total = parts.reduce((sum, { shape }) => sum + (shape[along] ?? 0), 0);
  const shape = checkedShape(first.shape.toSpliced(along, 1, total));
  const strides = stridesOf(shape);
  const data = allocate(first.dtype, sizeOf(shape));
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
      Array.from({ length: count }, () => size / count),
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
      Array.from({ length: count }, () => 1),
    ).map((part) => ({
      ...part,
      shape: part.shape.toSpliced(along, 1),
    }));
  });
};

function slice(x: Tensor, begin: Tensor, size: Tensor): Tensor {
  const from = integersOf(begin);
  const shape = integersOf(size).map((length, axis) =>
    length === -1 ? (x.shape[axis] ?? 0) - (from[axis] ?? 0) : length,
  );
  const inside = x.shape.every((limit, axis) => {
    const start = from[axis] ?? -1;
    const length = shape[axis] ?? -1;
    return start >= 0 && length >= 0 && start + length <= limit;
  });
  if (!inside || shape.length !== x.shape.length) {
    throw mismatch(`${formatShape(shape)} from ${formatShape(from)} lies outside of ${formatShape(x.shape)}`);
  }
  const strides = stridesOf(x.shape);
  return copyView(x, {
    shape,
    strides,
    offset: from.reduce((sum, start, axis) => sum + start * (strides[axis] ?? 0), 0),
  });
}

const stridedSlice: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  const view = stridedView(node);
  return onHost((x, begin, end, strides) => {
    const of = view(x.shape, { begin: integersOf(begin), end: integersOf(end), strides: integersOf(strides) });
    return { ...copyView(x, of), shape: of.resultShape };
  });
};

function tile(x: Tensor, multiples: Tensor): Tensor {
  const times = integersOf(multiples);
  if (times.length !== x.shape.length) throw mismatch(`${times.length} multiples for ${x.shape.length} dimensions`);
  const strides = stridesOf(x.shape);
  // Each dimension becomes two: how often, which stands still, and the dimension itself.
  const repeated = copyView(x, {
    shape: x.shape.flatMap((size, axis) => [times[axis] ?? 1, size]),
    strides: strides.flatMap((stride) => [0, stride]),
    offset: 0,
  });
  return { ...repeated, shape: x.shape.map((size, axis) => size * (times[axis] ?? 1)) };
}

function pad(x: Tensor, paddings: Tensor, fill?: Tensor): Tensor {
  const amounts = integersOf(paddings);
  if (amounts.length !== 2 * x.shape.length || amounts.some((amount) => amount < 0)) {
    throw mismatch(`paddings ${formatShape(amounts)} do not go with shape ${formatShape(x.shape)}`);
  }
  const shape = checkedShape(
    x.shape.map((size, axis) => size + (amounts[2 * axis] ?? 0) + (amounts[2 * axis + 1] ?? 0)),
  );
  const data = allocate(x.dtype, sizeOf(shape));
  const target = data as unknown as Elements;
  const value = fill?.data[0];
  if (value !== undefined) for (let at = 0; at < sizeOf(shape); at++) target[at] = value;
  const strides = stridesOf(shape);
  const offset = strides.reduce((sum, stride, axis) => sum + stride * (amounts[2 * axis] ?? 0), 0);
  placeInto(target, x, { offset, strides });
  return { dtype: x.dtype, shape, data };
}

function fill(dims: Tensor, value: Tensor): Tensor {
  return broadcastTo({ ...value, shape: [] }, integersOf(dims));
}

function alike(number: 0 | 1): (x: Tensor) => Tensor {
  return ({ dtype, shape }) => {
    const data = allocate(dtype, sizeOf(shape));
    const one = isBig(dtype) ? 1n : 1;
    if (number === 1) (data as unknown as Elements & { fill(value: unknown): void }).fill(one);
    return { dtype, shape, data };
  };
}

const range: KernelFactory = (node) => {
  const dtype: DType = dtypeAmong(node, "Tidx", DTYPES.numeric);
  return onHost((start, limit, delta) => {
    const [from, to, step] = [start, limit, delta].map(({ data }) => Number(data[0])) as [number, number, number];
    if (step === 0) throw mismatch("a range needs a step other than 0");
    const length = Math.max(0, Math.ceil((to - from) / step));
    const shape = checkedShape([length]);
    const data = allocate(dtype, length);
    const target = data as unknown as Elements;
    for (let at = 0; at < length; at++) target[at] = isBig(dtype) ? BigInt(from + at * step) : from + at * step;
    return { dtype, shape, data };
  });
};

function select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  const shape = broadcastShapes(broadcastShapes(condition.shape, yes.shape), no.shape);
  const chosen = broadcastTo(condition, shape).data;
  const [left, right] = [broadcastTo(yes, shape), broadcastTo(no, shape)].map(
    ({ data }) => data as unknown as Elements,
  ) as [Elements, Elements];
  const data = allocate(yes.dtype, sizeOf(shape));
  const target = data as unknown as Elements;
  for (let at = 0; at < data.length; at++) target[at] = chosen[at] === 0 ? right[at] : left[at];
  return { dtype: yes.dtype, shape, data };
}

/** The first version of Select lets a vector choose whole rows. */
function selectRows(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  if (condition.shape.length !== 1 || yes.shape.length === 1) return select(condition, yes, no);
  const shape = [...condition.shape, ...yes.shape.slice(1).map(() => 1)];
  return select({ ...condition, shape }, yes, no);
}

const concatLast: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onHost((...inputs) => concat(inputs.slice(0, -1), integerOf(inputs.at(-1) as Tensor)));
};

const concatFirst: KernelFactory = (node) => {
  dtypeAmong(node, "T", any);
  return onHost((axis, ...parts) => concat(parts, integerOf(axis)));
};

/** Operations that move elements about. */
export const ARRANGEMENT: KernelTable = {
  BroadcastTo: checked((x, shape) => broadcastTo(x, integersOf(shape))),
  Concat: concatFirst,
  ConcatV2: concatLast,
  Fill: checked(fill),
  OnesLike: (node) => {
    dtypeAmong(node, "T", [...DTYPES.numeric, "bool"]);
    return onHost(alike(1));
  },
  Pack: pack,
  Pad: checked((x, paddings) => pad(x, paddings)),
  PadV2: checked((x, paddings, value) => pad(x, paddings, value)),
  Range: range,
  Select: checked(selectRows),
  SelectV2: checked(select),
  Slice: checked(slice),
  Split: splitEvenly,
  SplitV: splitByLength,
  StridedSlice: stridedSlice,
  Tile: checked(tile),
  Unpack: unpack,
  ZerosLike: checked(alike(0)),
};
