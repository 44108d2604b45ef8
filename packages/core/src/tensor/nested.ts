import { ServingError } from "../errors.js";
import { allocate, type DType, isStorageOf, lanesOf, type TensorData, type TypedTensorData } from "./dtype.js";
import { makeTensor, sizeOf, type Tensor } from "./tensor.js";

/** A single value of a tensor as JavaScript writes it. */
export type Scalar = number | bigint | boolean | string | Uint8Array;

/** Values as people write them: a scalar, an array of the same, a typed array as the innermost level. */
export type Nested = Scalar | TypedTensorData | readonly Nested[];

// Marked, so that bundlers can leave them out.
const utf8 = { encode: /* @__PURE__ */ new TextEncoder(), decode: /* @__PURE__ */ new TextDecoder() };

/**
 * Makes a tensor by hand.
 *
 * The shape is read along the first element of each level. Without `dtype` numbers become float32, bigints int64,
 * booleans bool, strings and byte strings string; typed arrays keep their own type. Complex tensors take pairs
 * (real, imaginary) as their innermost level.
 * @throws ServingError INVALID_ARGUMENT if the nesting is ragged, or a value does not fit the dtype
 */
export function tensor(nested: Nested, dtype: DType = inferDType(nested)): Tensor {
  const full = shapeOf(nested, dtype);
  const data = allocate(dtype, sizeOf(full) / lanesOf(dtype));
  fill({ data, dtype, shape: full }, nested, { depth: 0, offset: 0 });
  if (lanesOf(dtype) === 2 && full.at(-1) !== 2) {
    throw new ServingError(
      "INVALID_ARGUMENT",
      `${dtype} takes pairs (real, imaginary), got shape [${full.join(", ")}]`,
    );
  }
  return makeTensor(dtype, lanesOf(dtype) === 2 ? full.slice(0, -1) : full, data);
}

/**
 * The values of a tensor as nested arrays: numbers, bigints for int64 and uint64, booleans for bool, text decoded as
 * UTF-8 for string, pairs (real, imaginary) for complex.
 */
export function toNested(source: Tensor): Nested {
  const shape = lanesOf(source.dtype) === 2 ? [...source.shape, 2] : source.shape;
  const level = (depth: number, offset: number): Nested => {
    if (depth === shape.length) return leafOf(source, offset);
    const size = shape[depth] ?? 0;
    const stride = sizeOf(shape.slice(depth + 1));
    return Array.from({ length: size }, (_, index) => level(depth + 1, offset + index * stride));
  };
  return level(0, 0);
}

function leafOf({ dtype, data }: Tensor, offset: number): Scalar {
  const value = data[offset];
  if (value === undefined) throw new ServingError("INTERNAL", `a tensor of ${dtype} has fewer values than its shape`);
  if (value instanceof Uint8Array) return utf8.decode.decode(value);
  return dtype === "bool" ? value !== 0 : value;
}

function isTyped(value: Nested): value is TypedTensorData {
  return ArrayBuffer.isView(value);
}

function inferDType(nested: Nested): DType {
  let first: Nested | undefined = nested;
  while (Array.isArray(first)) first = first[0];
  if (typeof first === "bigint") return "int64";
  if (typeof first === "boolean") return "bool";
  if (typeof first === "string") return "string";
  if (typeof first === "number" || first === undefined) return "float32";
  return typedDType(first);
}

const TYPED: readonly DType[] = ["float32", "float64", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"];

function typedDType(array: Nested): DType {
  // A bare Uint8Array is a byte string, as protocol buffers and JSON's b64 give it; uint8 must be asked for.
  if (array instanceof Uint8Array) return "string";
  const dtype = TYPED.find((candidate) => isStorageOf(candidate, array));
  if (dtype === undefined) throw new ServingError("INVALID_ARGUMENT", "no dtype is kept in this kind of array");
  return dtype;
}

function isLevel(value: Nested, dtype: DType): value is TypedTensorData | readonly Nested[] {
  return Array.isArray(value) || (isTyped(value) && dtype !== "string");
}

function shapeOf(nested: Nested, dtype: DType): number[] {
  const shape: number[] = [];
  let level: Nested | undefined = nested;
  while (level !== undefined && isLevel(level, dtype)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

interface Target {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedTensorData | Uint8Array[];
}

function fill(target: Target, nested: Nested, at: { readonly depth: number; readonly offset: number }): void {
  const { dtype, shape, data } = target;
  const { depth, offset } = at;
  if (depth === shape.length) {
    if (isLevel(nested, dtype)) throw ragged(depth, `a value, found a list of ${nested.length}`);
    setLeaf(data, offset, { value: nested, dtype });
    return;
  }
  const size = shape[depth] ?? 0;
  if (!isLevel(nested, dtype)) throw ragged(depth, `a list of ${size}, found a value`);
  if (nested.length !== size) throw ragged(depth, `a list of ${size}, found one of ${nested.length}`);
  const stride = sizeOf(shape.slice(depth + 1));
  for (let index = 0; index < size; index++) {
    const child = nested[index];
    if (child !== undefined) fill(target, child, { depth: depth + 1, offset: offset + index * stride });
  }
}

function ragged(depth: number, expected: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", `the values are ragged: at depth ${depth} expected ${expected}`);
}

const INTEGERS: ReadonlySet<DType> = new Set([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
]);

function setLeaf(data: TensorData, offset: number, leaf: { readonly value: Nested; readonly dtype: DType }): void {
  const { value, dtype } = leaf;
  if (Array.isArray(data)) {
    if (typeof value === "string") data[offset] = utf8.encode.encode(value);
    else if (value instanceof Uint8Array) data[offset] = value;
    else throw misfit(value, dtype);
  } else if (dtype === "bool") {
    if (typeof value !== "boolean") throw misfit(value, dtype);
    (data as Uint8Array)[offset] = value ? 1 : 0;
  } else if (INTEGERS.has(dtype)) {
    if (typeof value !== "bigint" && !(typeof value === "number" && Number.isInteger(value)))
      throw misfit(value, dtype);
    const exact = BigInt(value);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[offset] = exact;
    else (data as Int32Array)[offset] = Number(exact);
    // A typed array wraps what does not fit.
    if (BigInt((data as Int32Array)[offset] ?? 0) !== exact) throw misfit(value, dtype);
  } else {
    if (typeof value !== "number") throw misfit(value, dtype);
    (data as Float64Array)[offset] = value;
  }
}

function misfit(value: unknown, dtype: DType): ServingError {
  const shown = value instanceof Uint8Array ? "a byte string" : `${typeof value} ${String(value)}`;
  return new ServingError("INVALID_ARGUMENT", `${shown} does not fit dtype ${dtype}`);
}
