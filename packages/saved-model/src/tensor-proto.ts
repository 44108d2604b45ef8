import type { DataTypeName, TensorProto } from "@servable/tf-proto";
import { SavedModelError } from "./saved-model-error.js";
import {
  bfloat16ToFloat32,
  dataFromBytes,
  halfToNumber,
  itemBytes,
  type StoredData,
  type StoredTensor,
  storedDType,
} from "./stored-tensor.js";
import { knownShapeOf } from "./tensor-shape.js";

/** A tensor that repeats a few values may not grow beyond this many bytes: a short file must not take all memory. */
const MAX_FILLED_BYTES = 2 ** 28;

/**
 * The tensor that a TensorProto stands for. Fewer values than elements means that the last one repeats, and no value
 * that all are zero, false or empty.
 * @param where what the tensor is, for messages
 * @throws SavedModelError DATA_LOSS if values and shape do not go together, UNSUPPORTED for a type no tensor has here
 */
export function decodeTensorProto(proto: TensorProto, where: string): StoredTensor {
  const dtype = storedDType(proto.dtype, where);
  const { shape, size } = knownShapeOf(proto.tensorShape, where);
  const item = itemBytes(dtype);
  if (proto.tensorContent.length === 0 || dtype === "string" || item === undefined) {
    return { dtype, shape, data: fromLists(proto, dtype, { size, where }) };
  }
  if (proto.tensorContent.length !== size * item) {
    throw new SavedModelError(
      "DATA_LOSS",
      `${where}: shape [${shape.join(", ")}] of ${dtype} wants ${size * item} bytes, there are ${proto.tensorContent.length}`,
    );
  }
  return { dtype, shape, data: dataFromBytes(dtype, proto.tensorContent) };
}

interface Extent {
  /** Elements of the tensor. */
  readonly size: number;
  readonly where: string;
}

function fromLists(proto: TensorProto, dtype: DataTypeName, extent: Extent): StoredData {
  switch (dtype) {
    case "float32":
      return fill(new Float32Array(room(proto.floatVal, 4, extent)), proto.floatVal, 0);
    case "complex64":
      return pairs(new Float32Array(room(proto.scomplexVal, 4, twice(extent))), proto.scomplexVal);
    case "float64":
      return fill(new Float64Array(room(proto.doubleVal, 8, extent)), proto.doubleVal, 0);
    case "complex128":
      return pairs(new Float64Array(room(proto.dcomplexVal, 8, twice(extent))), proto.dcomplexVal);
    case "float16":
      return fill(new Float32Array(room(proto.halfVal, 4, extent)), proto.halfVal.map(halfToNumber), 0);
    case "bfloat16":
      return fill(new Float32Array(room(proto.halfVal, 4, extent)), bfloat16ToFloat32(proto.halfVal), 0);
    case "int8":
      return fill(new Int8Array(room(proto.intVal, 1, extent)), proto.intVal, 0);
    case "int16":
      return fill(new Int16Array(room(proto.intVal, 2, extent)), proto.intVal, 0);
    case "int32":
      return fill(new Int32Array(room(proto.intVal, 4, extent)), proto.intVal, 0);
    case "uint8":
      return fill(new Uint8Array(room(proto.intVal, 1, extent)), proto.intVal, 0);
    case "uint16":
      return fill(new Uint16Array(room(proto.intVal, 2, extent)), proto.intVal, 0);
    case "uint32":
      return fill(new Uint32Array(room(proto.uint32Val, 4, extent)), proto.uint32Val, 0);
    case "bool":
      return fill(new Uint8Array(room(proto.boolVal, 1, extent)), proto.boolVal.map(Number), 0);
    case "int64":
      return fill(new BigInt64Array(room(proto.int64Val, 8, extent)), proto.int64Val, 0n);
    case "uint64":
      return fill(new BigUint64Array(room(proto.uint64Val, 8, extent)), proto.uint64Val, 0n);
    case "string":
      return strings(proto.stringVal, room(proto.stringVal, 16, extent));
  }
}

function twice({ size, where }: Extent): Extent {
  return { size: size * 2, where };
}

/** The elements to allocate, once they are known to be as many as the values say, or few enough to be filled up. */
function room(values: ArrayLike<unknown>, bytesEach: number, { size, where }: Extent): number {
  if (values.length > size) {
    throw new SavedModelError("DATA_LOSS", `${where}: ${values.length} values are too many for ${size} elements`);
  }
  if (values.length < size && size * bytesEach > MAX_FILLED_BYTES) {
    throw new SavedModelError("DATA_LOSS", `${where}: claims ${size} elements and has ${values.length} values`);
  }
  return size;
}

function fill<T, A extends { length: number; [index: number]: T }>(target: A, values: ArrayLike<T>, zero: T): A {
  const last = values[values.length - 1] ?? zero;
  for (let index = 0; index < target.length; index++) target[index] = values[index] ?? last;
  return target;
}

function strings(values: readonly Uint8Array[], size: number): readonly Uint8Array[] {
  const last = values.at(-1) ?? new Uint8Array(0);
  return Array.from({ length: size }, (_, index) => values[index] ?? last);
}

/** As `fill`, with (real, imaginary) repeating together. */
function pairs<A extends Float32Array | Float64Array>(target: A, values: readonly number[]): A {
  const last = values.slice(-2);
  for (let index = 0; index < target.length; index++) target[index] = values[index] ?? last[index % 2] ?? 0;
  return target;
}
