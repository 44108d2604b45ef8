import { allocate, type DType, sizeOf, type Tensor } from "@servable/core";
import type { Device } from "../run/device.js";
import type { ListType, TensorList } from "../run/tensor-list.js";
import { Value } from "../run/value.js";
import { commonShape, joined } from "./host/rows.js";
import { checkedShape, formatShape, integersOf, mismatch } from "./host/shapes.js";

/** A shape of which parts may not be known. */
export type PartialShape = readonly number[] | undefined;

/** A shape as operations on lists take it: a vector, -1 for sizes that are not known; a scalar -1 if nothing is. */
export function partialShapeOf(tensor: Tensor): PartialShape {
  return tensor.shape.length === 0 ? undefined : integersOf(tensor);
}

/** What two partly known shapes say together. @throws ServingError INVALID_ARGUMENT if they do not go together */
export function mergeShapes(one: PartialShape, other: PartialShape): PartialShape {
  if (one === undefined || other === undefined) return one ?? other;
  const conflict = one.some((size, axis) => size !== -1 && other[axis] !== -1 && size !== other[axis]);
  if (conflict || one.length !== other.length) {
    throw mismatch(`${formatShape(one)} and ${formatShape(other)} cannot be the shape of one element`);
  }
  return one.map((size, axis) => (size === -1 ? (other[axis] ?? -1) : size));
}

/** Which element is wanted, and what is known of its shape. */
export interface Wanted {
  readonly index: number;
  readonly shape: PartialShape;
}

/** The element at a place; zeros for one that has not been set, if its shape is known. It is the caller's to release. */
export function elementAt(list: TensorList, { index, shape }: Wanted, device: Device): Value {
  const element = list.at(index);
  return element === undefined
    ? Value.ofHost(zeros(list.type, mergeShapes(list.type.elementShape, shape)), device)
    : element.share();
}

function zeros({ dtype }: ListType, shape: PartialShape): Tensor {
  if (dtype === "variant") throw mismatch("an element that has not been set is read, and there is no empty one");
  if (shape === undefined || shape.includes(-1)) {
    throw mismatch(`an element that has not been set is read, and its shape is not known`);
  }
  return { dtype, shape, data: allocate(dtype, sizeOf(checkedShape(shape))) };
}

/** @throws ServingError INVALID_ARGUMENT for a list of lists */
function tensorType({ type: { dtype } }: TensorList): DType {
  if (dtype === "variant") throw mismatch("a list of lists is no tensor");
  return dtype;
}

/** Elements of a list as one tensor with one dimension more. */
export function stacked(list: TensorList, indices: readonly number[], shape: PartialShape): Tensor {
  const dtype = tensorType(list);
  const elements = indices.map((index) => list.at(index)?.host());
  const found = commonShape(elements.flatMap((element) => (element === undefined ? [] : [element.shape])));
  const known = mergeShapes(mergeShapes(list.type.elementShape, shape), found);
  if (known === undefined || known.includes(-1)) {
    throw mismatch("the list has no elements and the shape of one is not known");
  }
  const missing = elements.includes(undefined) ? zeros(list.type, known) : undefined;
  const parts = elements.flatMap((element) => element ?? missing ?? []);
  return joined(parts, { dtype, shape: [indices.length, ...known] });
}

/** All elements of a list one after another along their first dimension, and how long each was. */
export function concatenated(list: TensorList, shape: PartialShape): readonly [Tensor, Tensor] {
  const dtype = tensorType(list);
  const wanted = mergeShapes(list.type.elementShape, shape);
  const elements = list.elements.map((element) => element?.host() ?? zeros(list.type, wanted));
  if (elements.some((element) => element.shape.length === 0)) throw mismatch("scalars cannot be put in a row");
  const rest = commonShape(elements.map((element) => element.shape.slice(1))) ?? wanted?.slice(1);
  if (rest === undefined || rest.includes(-1)) {
    throw mismatch("the list has no elements and the shape of one is not known");
  }
  const lengths = elements.map((element) => element.shape[0] ?? 0);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return [
    joined(elements, { dtype, shape: [total, ...rest] }),
    { dtype: "int64", shape: [lengths.length], data: BigInt64Array.from(lengths, BigInt) },
  ];
}
