import { sizeOf, type Tensor } from "@servable/core";
import { DataType } from "@servable/tf-proto";
import { intsAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed, unsupported } from "../graph/graph-error.js";
import type { Kernel, KernelFactory, KernelTable } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { axisOf, checkedShape, formatShape, integersOf, mismatch } from "./host/shapes.js";

/** Integers as a tensor of the dtype that the node's `name` attribute gives. */
function integers(node: GraphNode, name: string): (values: readonly number[], shape: readonly number[]) => Tensor {
  const dtype = typeAttribute(node, name, "int32");
  if (dtype !== "int32" && dtype !== "int64") throw unsupported(`${name} ${dtype}`);
  if (dtype === "int64") return (values, shape) => ({ dtype, shape, data: BigInt64Array.from(values, BigInt) });
  return (values, shape) => ({ dtype, shape, data: Int32Array.from(values) });
}

/** The value itself, under a shape that depends on it. */
function reshaping(shapeOf: (value: Value, ...inputs: readonly Value[]) => readonly number[]): Kernel {
  return (_device, ...inputs) => {
    const [value, ...rest] = inputs;
    if (value === undefined || rest.length < shapeOf.length - 1) throw malformed("an operation lacks an input");
    return [value.reshaped(shapeOf(value, ...rest))];
  };
}

/** Whether a node hands on what has no elements: a table, a list. */
function isOfHandles(node: GraphNode): boolean {
  const found = node.attributes.get("T");
  if (typeof found !== "object" || !("type" in found)) return false;
  return found.type === DataType.DT_RESOURCE || found.type === DataType.DT_VARIANT;
}

const identity: KernelFactory = (node) => {
  if (!isOfHandles(node)) dtypeAmong(node, "T", DTYPES.carried);
  return reshaping((value) => value.shape);
};

/** One that is fed is an argument; this is what it gives where it is not. */
const placeholder: KernelFactory = (node) => {
  dtypeAmong(node, "dtype", DTYPES.carried);
  return reshaping((value) => value.shape);
};

const reshape: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.carried);
  return reshaping((value, shape) => inferred(integersOf(shape.host()), value.shape));
};

/** Puts the size that is left over where `wanted` says -1. */
function inferred(wanted: readonly number[], shape: readonly number[]): readonly number[] {
  const size = sizeOf(shape);
  const unknown = wanted.indexOf(-1);
  const result = wanted.slice();
  if (unknown >= 0) {
    result[unknown] = 1;
    const known = sizeOf(result);
    result[unknown] = known === 0 ? 0 : size / known;
  }
  if (result.every((dimension) => Number.isInteger(dimension) && dimension >= 0) && sizeOf(result) === size) {
    return checkedShape(result);
  }
  throw mismatch(`${size} elements of shape ${formatShape(shape)} cannot have the shape ${formatShape(wanted)}`);
}

const squeeze: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.carried);
  const axes = intsAttribute(node, "squeeze_dims", []);
  return reshaping(({ shape }) => {
    const named = axes.map((axis) => axisOf(axis, shape.length));
    if (named.some((axis) => shape[axis] !== 1)) throw mismatch(`${formatShape(shape)} is not 1 at ${axes.join(", ")}`);
    return shape.filter((size, axis) => (named.length === 0 ? size !== 1 : !named.includes(axis)));
  });
};

const expandDims: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.carried);
  return reshaping(({ shape }, dimension) => {
    const [axis = 0] = integersOf(dimension.host());
    return shape.toSpliced(axisOf(axis, shape.length + 1), 0, 1);
  });
};

const identities: KernelFactory =
  () =>
  (_device, ...inputs) =>
    inputs.map((input) => input.reshaped(input.shape));

const shapes: KernelFactory = (node) => {
  const make = integers(node, "out_type");
  return (device, ...inputs) => inputs.map(({ shape }) => Value.ofHost(make(shape, [shape.length]), device));
};

function measure(of: (value: Value) => number): KernelFactory {
  return (node) => {
    // Rank has no such attribute: its result is always int32.
    const make = integers(node, "out_type");
    return (device, ...inputs) => inputs.slice(0, 1).map((value) => Value.ofHost(make([of(value)], []), device));
  };
}

const ensureShape: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.carried);
  const attribute = node.attributes.get("shape");
  const wanted = typeof attribute === "object" && "shape" in attribute ? attribute.shape : undefined;
  return reshaping(({ shape }) => {
    const fits = wanted?.every((size, axis) => size === -1 || size === shape[axis]) ?? true;
    if (fits && (wanted === undefined || wanted.length === shape.length)) return shape;
    throw mismatch(`shape ${formatShape(shape)} is not ${formatShape(wanted ?? [])}`);
  });
};

/** Operations about shapes alone; none moves an element. */
export const STRUCTURE: KernelTable = {
  EnsureShape: ensureShape,
  ExpandDims: expandDims,
  Identity: identity,
  IdentityN: identities,
  PlaceholderWithDefault: placeholder,
  PreventGradient: identity,
  Rank: measure((value) => value.shape.length),
  Reshape: reshape,
  Shape: shapes,
  ShapeN: shapes,
  Size: measure((value) => value.size),
  Snapshot: identity,
  Squeeze: squeeze,
  StopGradient: identity,
};
