import { allocate, type DType, makeTensor, ServingError, sizeOf, type Tensor } from "@servable/core";
import { invalid, isList, type JsonValue, shown } from "./json-value.js";
import { type Element, type Read, readerOf } from "./read-element.js";

/** As many dimensions as a tensor of TensorFlow may have. */
const MOST_DIMENSIONS = 254;

/** What values are read for. */
export interface Target {
  readonly input: string;
  readonly dtype: DType;
  /** The place of an element in the body: `instances[2].image[0]` for the indices 2 and 0. */
  readonly place: (indices: readonly number[]) => string;
}

/**
 * The tensor of nested lists. The shape is read along the first element of each level.
 * @throws ServingError INVALID_ARGUMENT, naming the input and the element, for lists that are longer, shorter, deeper or
 * flatter than the first, and for values that the dtype does not take; UNSUPPORTED for complex numbers
 */
export function decodeValues(nested: JsonValue, target: Target): Tensor {
  const read = readerOf(target.dtype);
  if (read === undefined) {
    throw new ServingError(
      "UNSUPPORTED",
      `input ${target.input} is ${target.dtype}, which cannot be sent as JSON; give the model another signature`,
    );
  }
  const shape = shapeOf(nested, target);
  // Before storage is made: a long first list among short ones would ask for more memory than the body has values.
  checkLists(nested, { shape, target, indices: [] });
  const data = allocate(target.dtype, sizeOf(shape));
  const filling: Filling = { data, shape, target, read };
  if (data instanceof Float32Array || data instanceof Float64Array) fillFloats(data, nested, filling);
  else fillLevel(filling, nested, { depth: 0, offset: 0 });
  return makeTensor(target.dtype, shape, data);
}

function shapeOf(nested: JsonValue, { input, place }: Target): readonly number[] {
  const shape: number[] = [];
  let level: JsonValue | undefined = nested;
  while (isList(level)) {
    shape.push(level.length);
    level = level[0];
    if (shape.length > MOST_DIMENSIONS) {
      throw invalid(`input ${input}: ${place([])} is nested more than ${MOST_DIMENSIONS} levels deep`);
    }
  }
  return shape;
}

interface Lists {
  readonly shape: readonly number[];
  readonly target: Target;
  /** Where the check stands; changed as it moves. */
  readonly indices: number[];
}

function checkLists(nested: JsonValue | undefined, lists: Lists): void {
  const { shape, target, indices } = lists;
  const depth = indices.length;
  if (depth === shape.length) return;
  const size = shape[depth] ?? 0;
  if (!isList(nested) || nested.length !== size) {
    const first = target.place(indices.map(() => 0));
    throw misfit(target, indices, `is ${shown(nested)}, but ${first} is a list of ${size}`);
  }
  if (depth + 1 === shape.length) return;
  for (let index = 0; index < size; index++) {
    indices.push(index);
    checkLists(nested[index], lists);
    indices.pop();
  }
}

/** Storage as it is written to; that its elements fit is the reader's promise. */
interface Writable {
  [index: number]: Element;
}

interface Filling {
  readonly data: Writable;
  readonly shape: readonly number[];
  readonly target: Target;
  readonly read: Read;
}

interface Position {
  readonly depth: number;
  readonly offset: number;
}

/** Fills the rest of a level; the offset after its last element. */
function fillLevel(filling: Filling, nested: JsonValue | undefined, { depth, offset }: Position): number {
  const { data, shape, read } = filling;
  if (!isList(nested) || depth === shape.length) {
    const element = nested === undefined ? undefined : read(nested);
    if (element === undefined) throw wrongValue(filling, nested, offset);
    data[offset] = element;
    return offset + 1;
  }
  let next = offset;
  for (const child of nested) next = fillLevel(filling, child, { depth: depth + 1, offset: next });
  return next;
}

/** The same for floats, which come by the hundred thousand: no call per number. */
function fillFloats(data: Float32Array | Float64Array, nested: JsonValue, filling: Filling): void {
  const { shape } = filling;
  const last = shape.length - 1;
  let offset = 0;
  const fill = (level: JsonValue | undefined, depth: number): void => {
    if (!isList(level)) return;
    if (depth < last) {
      for (const child of level) fill(child, depth + 1);
      return;
    }
    for (const value of level) {
      if (typeof value === "number") data[offset] = value;
      else if (typeof value === "bigint") data[offset] = Number(value);
      else throw wrongValue(filling, value, offset);
      offset++;
    }
  };
  if (last >= 0) fill(nested, 0);
  else fillLevel(filling, nested, { depth: 0, offset: 0 });
}

function wrongValue({ shape, target }: Filling, value: JsonValue | undefined, offset: number): ServingError {
  const indices: number[] = [];
  let rest = offset;
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const level = isList(value) ? `${shown(value)}, but ${target.place(indices.map(() => 0))} is a value` : shown(value);
  return misfit(target, indices, isList(value) ? `is ${level}` : `is ${level}, which is no ${target.dtype}`);
}

function misfit({ input, place }: Target, indices: readonly number[], what: string): ServingError {
  return invalid(`input ${input}: ${place(indices)} ${what}`);
}
