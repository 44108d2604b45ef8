import type { DType, Tensor } from "@servable/core";
import { intAttribute, shapesAttribute, textsAttribute, typesAttribute } from "../../graph/attributes.js";
import type { GraphNode } from "../../graph/graph.js";
import { malformed, unsupported } from "../../graph/graph-error.js";
import { type Kernel, type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { stringOf, stringsOf, textOf } from "../host/bytes.js";
import {
  denseColumn,
  type Examples,
  examplesOf,
  type FeatureDType,
  raggedColumn,
  sparseColumn,
} from "../host/example-columns.js";
import { formatShape, mismatch } from "../host/shapes.js";

/** What the attributes of a node say about its features. */
interface Features {
  readonly sparse: readonly FeatureDType[];
  readonly dense: readonly { readonly dtype: FeatureDType; readonly shape: readonly number[] }[];
  readonly ragged: readonly { readonly dtype: FeatureDType; readonly splits: DType }[];
}

/** The names of the features, in the order of the attributes. */
interface Names {
  readonly sparse: readonly string[];
  readonly dense: readonly string[];
  readonly ragged: readonly string[];
}

function featureTypes(node: GraphNode, attribute: string): readonly FeatureDType[] {
  return typesAttribute(node, attribute).map((dtype) => {
    if (dtype === "float32" || dtype === "int64" || dtype === "string") return dtype;
    throw unsupported(`dtype ${dtype}`);
  });
}

function denseFeatures(node: GraphNode): Features["dense"] {
  const shapes = shapesAttribute(node, "dense_shapes");
  return featureTypes(node, "Tdense").map((dtype, at) => {
    const shape = shapes[at];
    if (shape !== undefined && shape.every((size, axis) => size >= 0 || axis === 0)) return { dtype, shape };
    throw unsupported(`dense features of shape ${shape === undefined ? "unknown" : formatShape(shape)}`);
  });
}

/** A kernel of which `count` inputs are wanted, or more. */
function withInputs(count: number, compute: (...inputs: readonly Tensor[]) => readonly Tensor[]): Kernel {
  const kernel = onHostMany(compute);
  return (device, ...inputs) => {
    if (inputs.length < count) throw malformed(`an operation has ${inputs.length} of ${count} inputs`);
    return kernel(device, ...inputs);
  };
}

/** All outputs, list by list. */
function parse(examples: Examples, features: Features, given: { names: Names; defaults: readonly Tensor[] }): Tensor[] {
  const { names, defaults } = given;
  const sparse = features.sparse.map((dtype, at) => sparseColumn(examples, { name: nameAt(names.sparse, at), dtype }));
  const dense = features.dense.map((each, at) => {
    const fallback = defaults[at];
    if (fallback === undefined) throw malformed("a dense feature has no default");
    return denseColumn(examples, { name: nameAt(names.dense, at), ...each }, fallback);
  });
  const ragged = features.ragged.map(({ dtype, splits }, at) =>
    raggedColumn(examples, { name: nameAt(names.ragged, at), dtype }, splits),
  );
  return [
    ...sparse.map(([indices]) => indices),
    ...sparse.map(([, values]) => values),
    ...sparse.map(([, , shape]) => shape),
    ...dense,
    ...ragged.map(([values]) => values),
    ...ragged.map(([, splits]) => splits),
  ];
}

function nameAt(names: readonly string[], at: number): string {
  const name = names[at];
  if (name === undefined) throw mismatch(`there is no name for feature ${at}`);
  return name;
}

/** Names come as inputs, one each. */
const parseExample: KernelFactory = (node) => {
  const features: Features = { sparse: featureTypes(node, "sparse_types"), dense: denseFeatures(node), ragged: [] };
  const firstDense = 2 + features.sparse.length;
  const firstDefault = firstDense + features.dense.length;
  return withInputs(firstDefault + features.dense.length, (...inputs) => {
    const [serialized] = inputs;
    if (serialized?.shape.length !== 1) throw mismatch("serialized examples are wanted in one dimension");
    const keys = (from: number, to: number): string[] => inputs.slice(from, to).map((key) => textOf(stringOf(key)));
    const names = { sparse: keys(2, firstDense), dense: keys(firstDense, firstDefault), ragged: [] };
    const defaults = inputs.slice(firstDefault);
    return parse(examplesOf(stringsOf(serialized), false), features, { names, defaults });
  });
};

/** Names come as inputs, one tensor for each kind; a single example may come without a batch. */
const parseExampleV2: KernelFactory = (node) => {
  const splits = typesAttribute(node, "ragged_split_types");
  const features: Features = {
    sparse: featureTypes(node, "sparse_types"),
    dense: denseFeatures(node),
    ragged: featureTypes(node, "ragged_value_types").map((dtype, at) => ({ dtype, splits: splits[at] ?? "int64" })),
  };
  return withInputs(5 + features.dense.length, (serialized, _names, sparse, dense, ragged, ...defaults) => {
    if (serialized === undefined || serialized.shape.length > 1) {
      throw mismatch("serialized examples are wanted in one dimension, or a single one");
    }
    const [sparseNames = [], denseNames = [], raggedNames = []] = [sparse, dense, ragged].map((keys) =>
      keys === undefined ? [] : stringsOf(keys).map(textOf),
    );
    const names: Names = { sparse: sparseNames, dense: denseNames, ragged: raggedNames };
    const examples = examplesOf(stringsOf(serialized), serialized.shape.length === 0);
    return parse(examples, features, { names, defaults });
  });
};

/** Names are attributes. */
const parseSingleExample: KernelFactory = (node) => {
  const features: Features = { sparse: featureTypes(node, "sparse_types"), dense: denseFeatures(node), ragged: [] };
  const names: Names = {
    sparse: textsAttribute(node, "sparse_keys"),
    dense: textsAttribute(node, "dense_keys"),
    ragged: [],
  };
  if (intAttribute(node, "num_sparse") !== names.sparse.length || names.dense.length !== features.dense.length) {
    throw malformed(`${node.name} does not name all of its features`);
  }
  return withInputs(1 + features.dense.length, (serialized, ...defaults) => {
    if (serialized === undefined) throw malformed("an operation has no input");
    return parse(examplesOf([stringOf(serialized)], true), features, { names, defaults });
  });
};

/** Operations that read serialized examples. */
export const PARSING: KernelTable = {
  ParseExample: parseExample,
  ParseExampleV2: parseExampleV2,
  ParseSingleExample: parseSingleExample,
};
