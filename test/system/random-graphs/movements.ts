import { sizeOf } from "@servable/core";
import { type GraphBuilder, ints, type Output, typeOf } from "./graph-builder.js";
import type { Operation } from "./operations.js";

const FLOAT = { T: typeOf("float32") };

function moving(
  wanted: (shape: readonly number[]) => boolean,
  make: (graph: GraphBuilder, x: Output) => void,
): Operation {
  return (graph, x) => {
    if (x.dtype !== "float32" || !wanted(x.shape)) return false;
    make(graph, x);
    return true;
  };
}

const hasAxes = (shape: readonly number[]): boolean => shape.length > 0 && !shape.includes(0);

const reshape = moving(
  (shape) => !shape.includes(0),
  (graph, { name, shape }) => {
    let left = sizeOf(shape);
    const made: number[] = [];
    while (left > 1 && made.length < 3) {
      const size = graph.draw.of([1, 2, 3, 4, 5].filter((each) => left % each === 0));
      made.push(size);
      left /= size;
    }
    made.push(left);
    const unknown = graph.draw.isTrue() ? graph.draw.below(made.length) : -1;
    const asked = made.map((size, axis) => (axis === unknown ? -1 : size));
    const attributes = { ...FLOAT, Tshape: typeOf("int32") };
    graph.add("Reshape", { inputs: [name, graph.integers(asked)], attributes }, { dtype: "float32", shape: made });
  },
);

const transpose = moving(hasAxes, (graph, { name, shape }) => {
  const order = graph.draw.order(shape.length);
  const attributes = { ...FLOAT, Tperm: typeOf("int32") };
  const made = order.map((axis) => shape[axis] ?? 1);
  graph.add("Transpose", { inputs: [name, graph.integers(order)], attributes }, { dtype: "float32", shape: made });
});

const expand = moving(
  (shape) => shape.length < 5,
  (graph, { name, shape }) => {
    const axis = graph.draw.below(shape.length + 1);
    const attributes = { ...FLOAT, Tdim: typeOf("int32") };
    graph.add(
      "ExpandDims",
      { inputs: [name, graph.integers(axis)], attributes },
      { dtype: "float32", shape: shape.toSpliced(axis, 0, 1) },
    );
  },
);

const squeeze = moving(
  (shape) => shape.includes(1),
  (graph, { name, shape }) => {
    const attributes = { ...FLOAT, squeeze_dims: ints([]) };
    graph.add(
      "Squeeze",
      { inputs: [name], attributes },
      { dtype: "float32", shape: shape.filter((size) => size !== 1) },
    );
  },
);

const slice = moving(hasAxes, (graph, { name, shape }) => {
  const begin = shape.map((size) => graph.draw.below(size));
  const size = shape.map((length, axis) => graph.draw.between(1, length - (begin[axis] ?? 0)));
  const attributes = { ...FLOAT, Index: typeOf("int32") };
  graph.add(
    "Slice",
    { inputs: [name, graph.integers(begin), graph.integers(size)], attributes },
    { dtype: "float32", shape: size },
  );
});

const stridedSlice = moving(hasAxes, (graph, { name, shape }) => {
  const { draw } = graph;
  const steps = shape.map(() => draw.of([1, 2, -1]));
  // Over the whole of each axis, by masks; the first may be taken away as an index.
  const dropped = draw.isTrue() ? draw.below(shape[0] ?? 1) : undefined;
  const begin = shape.map((_, axis) => (axis === 0 ? (dropped ?? 0) : 0));
  const all = 2 ** shape.length - 1;
  const mask = dropped === undefined ? all : all - 1;
  const attributes = {
    ...FLOAT,
    Index: typeOf("int32"),
    begin_mask: { int: String(mask) },
    end_mask: { int: String(mask) },
    ellipsis_mask: { int: "0" },
    new_axis_mask: { int: "0" },
    shrink_axis_mask: { int: dropped === undefined ? "0" : "1" },
  };
  const strides = steps.map((step, axis) => (axis === 0 && dropped !== undefined ? 1 : step));
  const made = shape.map((size, axis) => Math.ceil(size / Math.abs(strides[axis] ?? 1)));
  const inputs = [name, graph.integers(begin), graph.integers(begin.map((at) => at + 1)), graph.integers(strides)];
  graph.add(
    "StridedSlice",
    { inputs, attributes },
    { dtype: "float32", shape: dropped === undefined ? made : made.slice(1) },
  );
});

const pad = moving(
  (shape) => hasAxes(shape) && sizeOf(shape) < 1_000,
  (graph, { name, shape }) => {
    const pairs = shape.map(() => [graph.draw.below(3), graph.draw.below(3)]);
    const made = shape.map((size, axis) => size + (pairs[axis] ?? []).reduce((sum, each) => sum + each, 0));
    graph.add("Reshape", {
      inputs: [graph.integers(pairs.flat()), graph.integers([shape.length, 2])],
      attributes: { T: typeOf("int32"), Tshape: typeOf("int32") },
    });
    const paddings = graph.nodes.at(-1)?.name ?? "";
    const attributes = { ...FLOAT, Tpaddings: typeOf("int32") };
    graph.add("PadV2", { inputs: [name, paddings, graph.constant([])], attributes }, { dtype: "float32", shape: made });
  },
);

const concat = moving(
  (shape) => hasAxes(shape) && sizeOf(shape) < 1_000,
  (graph, { name, shape }) => {
    const axis = graph.draw.below(shape.length);
    const other = graph.constant(shape.with(axis, graph.draw.between(1, 2)));
    const added = graph.nodes.at(-1)?.value?.shape[axis] ?? 0;
    const attributes = { ...FLOAT, N: { int: "2" }, Tidx: typeOf("int32") };
    const made = shape.with(axis, (shape[axis] ?? 0) + added);
    graph.add(
      "ConcatV2",
      { inputs: [name, other, graph.integers(axis)], attributes },
      { dtype: "float32", shape: made },
    );
  },
);

const gather = moving(hasAxes, (graph, { name, shape }) => {
  const axis = graph.draw.below(shape.length);
  const indices = Array.from({ length: graph.draw.between(1, 4) }, () => graph.draw.below(shape[axis] ?? 1));
  const attributes = {
    Tparams: typeOf("float32"),
    Tindices: typeOf("int32"),
    Taxis: typeOf("int32"),
    batch_dims: { int: "0" },
  };
  const inputs = [name, graph.integers(indices), graph.integers(axis)];
  graph.add("GatherV2", { inputs, attributes }, { dtype: "float32", shape: shape.with(axis, indices.length) });
});

const reverse = moving(hasAxes, (graph, x) => {
  const axes = graph.draw.order(x.shape.length).slice(0, graph.draw.between(1, x.shape.length));
  graph.add(
    "ReverseV2",
    { inputs: [x.name, graph.integers(axes)], attributes: { ...FLOAT, Tidx: typeOf("int32") } },
    x,
  );
});

const split = moving(
  (shape) => hasAxes(shape) && shape.some((size) => size % 2 === 0),
  (graph, { name, shape }) => {
    const axis = graph.draw.of(shape.flatMap((size, at) => (size % 2 === 0 ? [at] : [])));
    const part = { dtype: "float32", shape: shape.with(axis, (shape[axis] ?? 0) / 2) } as const;
    graph.add(
      "Split",
      { inputs: [graph.integers(axis), name], attributes: { ...FLOAT, num_split: { int: "2" } } },
      part,
      part,
    );
  },
);

const pack = moving(
  (shape) => shape.length < 5 && sizeOf(shape) < 1_000,
  (graph, { name, shape }) => {
    const axis = graph.draw.below(shape.length + 1);
    const attributes = { ...FLOAT, N: { int: "2" }, axis: { int: String(axis) } };
    graph.add("Pack", { inputs: [name, name], attributes }, { dtype: "float32", shape: shape.toSpliced(axis, 0, 2) });
  },
);

/** Operations that move elements about. */
export const MOVEMENTS: readonly Operation[] = [
  reshape,
  transpose,
  expand,
  squeeze,
  slice,
  stridedSlice,
  pad,
  concat,
  gather,
  reverse,
  split,
  pack,
];
