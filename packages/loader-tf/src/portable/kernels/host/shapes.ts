import { ServingError, type Tensor } from "@servable/core";

/** Inputs that do not go together; whoever runs the plan puts the servable's name before it. */
export function mismatch(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}

/** How many elements each step of a dimension passes, row-major. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = [...shape];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/** `[2, 3]` */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The shape that both shapes are stretched to: sizes are aligned at the end, 1 goes with anything.
 * @throws ServingError INVALID_ARGUMENT if they do not go together, RESOURCE_EXHAUSTED for too many elements
 */
export function broadcastShapes(one: readonly number[], other: readonly number[]): number[] {
  const rank = Math.max(one.length, other.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const a = one[axis - rank + one.length] ?? 1;
    const b = other[axis - rank + other.length] ?? 1;
    if (a === b || b === 1) return a;
    if (a === 1) return b;
    throw mismatch(`shapes ${formatShape(one)} and ${formatShape(other)} do not go together`);
  });
  checkedShape(shape);
  return shape;
}

/**
 * An axis counted from the front.
 * @throws ServingError INVALID_ARGUMENT if the rank has no such axis
 */
export function axisOf(axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw mismatch(`there is no axis ${axis} among ${rank} dimensions`);
}

/**
 * The elements of a tensor of integers as numbers: sizes, axes, indices.
 * @throws ServingError INVALID_ARGUMENT beyond 2^53
 */
export function integersOf({ data }: Tensor): number[] {
  const values: number[] = [];
  for (const element of data as ArrayLike<number | bigint> & Iterable<number | bigint>) {
    const value = Number(element);
    if (!Number.isSafeInteger(value)) throw mismatch(`${element} is too large for a size or an index`);
    values.push(value);
  }
  return values;
}

/**
 * The only element of a tensor of integers.
 * @throws ServingError INVALID_ARGUMENT if there is not exactly one
 */
export function integerOf(tensor: Tensor): number {
  const [value, ...rest] = integersOf(tensor);
  if (value !== undefined && rest.length === 0) return value;
  throw mismatch(`one number is wanted, got shape ${formatShape(tensor.shape)}`);
}

/** More elements than this are an attack or a mistake: 16 GiB of float32. */
const MAX_ELEMENTS = 2 ** 32;
/** A tensor without elements may still have long dimensions, along which kernels go. */
const MAX_EMPTY = 2 ** 24;
/** TensorFlow's limit. */
const MAX_RANK = 254;

/**
 * A shape that a model or a caller gives, checked before anything is allocated.
 * @throws ServingError INVALID_ARGUMENT for negative sizes or too many of them, RESOURCE_EXHAUSTED for too many elements
 */
export function checkedShape(shape: readonly number[]): readonly number[] {
  if (shape.length > MAX_RANK) throw mismatch(`a tensor cannot have ${shape.length} dimensions`);
  if (shape.some((size) => !(size >= 0))) throw mismatch(`${formatShape(shape)} is not a shape`);
  const extent = shape.reduce((product, size) => product * Math.max(size, 1), 1);
  if (extent <= (shape.includes(0) ? MAX_EMPTY : MAX_ELEMENTS)) return shape;
  throw new ServingError("RESOURCE_EXHAUSTED", `a tensor of shape ${formatShape(shape)} is too large`);
}
