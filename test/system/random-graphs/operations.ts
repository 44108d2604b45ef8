import { sizeOf } from "@servable/core";
import { type GraphBuilder, ints, type Output, typeOf, type WrittenAttribute } from "./graph-builder.js";

/** Adds an operation on a tensor to a graph; false where it has none for that tensor. */
export type Operation = (graph: GraphBuilder, x: Output) => boolean;

const FLOAT = { T: typeOf("float32") };
/** Tensors that grow beyond this are not worth the time. */
const MAX_SIZE = 4_096;

const isFloat = ({ dtype }: Output): boolean => dtype === "float32";
const isImage = (x: Output): boolean => isFloat(x) && x.shape.length === 4 && !x.shape.includes(0);

/** On floats only; `make` says what comes of it. */
function onFloats(wanted: (x: Output) => boolean, make: (graph: GraphBuilder, x: Output) => void): Operation {
  return (graph, x) => {
    if (!isFloat(x) || !wanted(x)) return false;
    make(graph, x);
    return true;
  };
}

function unary(op: string, attributes: Readonly<Record<string, WrittenAttribute>> = {}): Operation {
  return onFloats(
    () => true,
    (graph, x) => graph.add(op, { inputs: [x.name], attributes: { ...FLOAT, ...attributes } }, x),
  );
}

/** With a constant that is stretched to it, or with itself. */
function binary(op: string): Operation {
  return onFloats(
    () => true,
    (graph, x) => {
      const { draw } = graph;
      const kept = x.shape.slice(draw.below(x.shape.length + 1)).map((size) => (draw.isTrue() ? size : 1));
      const other = draw.below(4) === 0 ? x.name : graph.constant(kept);
      const inputs = draw.isTrue() ? [x.name, other] : [other, x.name];
      graph.add(op, { inputs, attributes: FLOAT }, x);
    },
  );
}

function reduction(op: string): Operation {
  return onFloats(
    ({ shape }) => shape.length > 0 && !shape.includes(0),
    (graph, { name, shape }) => {
      const { draw } = graph;
      const axes = draw.order(shape.length).slice(0, draw.between(1, shape.length));
      const keep = draw.isTrue();
      const kept = shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
      const signed = axes.map((axis) => (draw.isTrue() ? axis : axis - shape.length));
      const attributes = { ...FLOAT, Tidx: typeOf("int32"), keep_dims: { b: keep } };
      graph.add(op, { inputs: [name, graph.integers(signed)], attributes }, { dtype: "float32", shape: kept });
    },
  );
}

function pooling(op: string): Operation {
  return (graph, x) => {
    if (!isImage(x)) return false;
    const { draw } = graph;
    const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
    const size = draw.between(1, Math.min(3, height, width));
    const stride = draw.between(1, 3);
    const padding = draw.of(["SAME", "VALID"]);
    const attributes = {
      ...FLOAT,
      ksize: ints([1, size, size, 1]),
      strides: ints([1, stride, stride, 1]),
      padding: { text: padding },
    };
    const out = (length: number): number => Math.ceil((padding === "SAME" ? length : length - size + 1) / stride);
    graph.add(
      op,
      { inputs: [x.name], attributes },
      { dtype: "float32", shape: [batch, out(height), out(width), channels] },
    );
    return true;
  };
}

function convolution(op: "Conv2D" | "DepthwiseConv2dNative"): Operation {
  return (graph, x) => {
    if (!isImage(x)) return false;
    const { draw } = graph;
    const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
    const size = draw.between(1, Math.min(3, height, width));
    const outputs = draw.between(1, 3);
    const stride = draw.between(1, 2);
    const padding = draw.of(["SAME", "VALID"]);
    const filter = graph.constant([size, size, channels, outputs]);
    const attributes = { ...FLOAT, strides: ints([1, stride, stride, 1]), padding: { text: padding } };
    const out = (length: number): number => Math.ceil((padding === "SAME" ? length : length - size + 1) / stride);
    const made = op === "Conv2D" ? outputs : channels * outputs;
    graph.add(
      op,
      { inputs: [x.name, filter], attributes },
      { dtype: "float32", shape: [batch, out(height), out(width), made] },
    );
    return true;
  };
}

const matMul = onFloats(
  ({ shape }) => shape.length === 2 && !shape.includes(0),
  (graph, { name, shape: [rows = 1, columns = 1] }) => {
    const [turned, width] = [graph.draw.isTrue(), graph.draw.between(1, 5)];
    const other = graph.constant(turned ? [width, columns] : [columns, width]);
    const attributes = { ...FLOAT, transpose_a: { b: false }, transpose_b: { b: turned } };
    graph.add("MatMul", { inputs: [name, other], attributes }, { dtype: "float32", shape: [rows, width] });
  },
);

const batchMatMul = onFloats(
  ({ shape }) => shape.length > 2 && !shape.includes(0),
  (graph, { name, shape }) => {
    const width = graph.draw.between(1, 4);
    const other = graph.constant([shape.at(-1) ?? 1, width]);
    graph.add(
      "BatchMatMulV2",
      { inputs: [name, other], attributes: FLOAT },
      { dtype: "float32", shape: [...shape.slice(0, -1), width] },
    );
  },
);

const biasAdd = onFloats(
  ({ shape }) => shape.length > 1,
  (graph, x) => graph.add("BiasAdd", { inputs: [x.name, graph.constant([x.shape.at(-1) ?? 1])], attributes: FLOAT }, x),
);

const batchNorm: Operation = (graph, x) => {
  if (!isImage(x)) return false;
  const channels = x.shape[3] ?? 1;
  const constants = [0, 1, 2].map(() => graph.constant([channels]));
  const variance = graph.constant(
    [channels],
    graph.draw.floats(channels).map((value) => Math.abs(value) + 0.5),
  );
  const attributes = { ...FLOAT, U: typeOf("float32"), is_training: { b: false }, epsilon: { f: 0.001 } };
  graph.add("FusedBatchNormV3", { inputs: [x.name, ...constants, variance], attributes }, x);
  return true;
};

/** The last dimension as probabilities. */
function along(op: string): Operation {
  return onFloats(
    ({ shape }) => shape.length > 1 && !shape.includes(0),
    (graph, x) => graph.add(op, { inputs: [x.name], attributes: FLOAT }, x),
  );
}

const topK = onFloats(
  ({ shape }) => shape.length > 0 && !shape.includes(0),
  (graph, { name, shape }) => {
    const count = graph.draw.between(1, shape.at(-1) ?? 1);
    const made = [...shape.slice(0, -1), count];
    const attributes = { ...FLOAT, sorted: { b: true }, Tk: typeOf("int32"), index_type: typeOf("int32") };
    graph.add("TopKV2", { inputs: [name, graph.integers(count)], attributes }, { dtype: "float32", shape: made });
  },
);

const cumulative = onFloats(
  ({ shape }) => shape.length > 0,
  (graph, x) => {
    const { draw } = graph;
    const attributes = {
      ...FLOAT,
      Tidx: typeOf("int32"),
      exclusive: { b: draw.isTrue() },
      reverse: { b: draw.isTrue() },
    };
    graph.add("Cumsum", { inputs: [x.name, graph.integers(draw.below(x.shape.length))], attributes }, x);
  },
);

const resize: Operation = (graph, x) => {
  if (!isImage(x)) return false;
  const { draw } = graph;
  const size = [draw.between(1, 8), draw.between(1, 8)];
  const attributes = { ...FLOAT, half_pixel_centers: { b: draw.isTrue() }, align_corners: { b: false } };
  const shape = [x.shape[0] ?? 1, ...size, x.shape[3] ?? 1];
  graph.add("ResizeBilinear", { inputs: [x.name, graph.integers(size)], attributes }, { dtype: "float32", shape });
  return true;
};

const select = onFloats(
  () => true,
  (graph, x) => {
    graph.add("Greater", { inputs: [x.name, graph.constant([], [graph.draw.float()])], attributes: FLOAT });
    const condition = graph.nodes.at(-1)?.name ?? "";
    graph.add("SelectV2", { inputs: [condition, x.name, graph.constant([])], attributes: FLOAT }, x);
  },
);

const thereAndBack = onFloats(
  () => true,
  (graph, x) => {
    graph.add("Cast", { inputs: [x.name], attributes: { SrcT: typeOf("float32"), DstT: typeOf("int32") } });
    const cast = graph.nodes.at(-1)?.name ?? "";
    graph.add("Cast", { inputs: [cast], attributes: { SrcT: typeOf("int32"), DstT: typeOf("float32") } }, x);
  },
);

const tile = onFloats(
  ({ shape }) => shape.length > 0 && sizeOf(shape) * 2 ** shape.length <= MAX_SIZE,
  (graph, { name, shape }) => {
    const counts = shape.map(() => graph.draw.between(1, 2));
    const attributes = { ...FLOAT, Tmultiples: typeOf("int32") };
    const made = shape.map((size, axis) => size * (counts[axis] ?? 1));
    graph.add("Tile", { inputs: [name, graph.integers(counts)], attributes }, { dtype: "float32", shape: made });
  },
);

/** Operations that compute something new. */
export const OPERATIONS: readonly Operation[] = [
  ...[
    "Abs",
    "Neg",
    "Relu",
    "Relu6",
    "Sigmoid",
    "Tanh",
    "Sin",
    "Cos",
    "Softplus",
    "Softsign",
    "Elu",
    "Selu",
    "Erf",
    "Square",
    "Atan",
  ].map((op) => unary(op)),
  unary("LeakyRelu", { alpha: { f: 0.25 } }),
  ...["AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"].map(binary),
  ...["Sum", "Mean", "Max", "Min"].map(reduction),
  ...(["Conv2D", "DepthwiseConv2dNative"] as const).map(convolution),
  ...["MaxPool", "AvgPool"].map(pooling),
  ...["Softmax", "LogSoftmax"].map(along),
  matMul,
  batchMatMul,
  biasAdd,
  batchNorm,
  topK,
  cumulative,
  resize,
  select,
  thereAndBack,
  tile,
];
