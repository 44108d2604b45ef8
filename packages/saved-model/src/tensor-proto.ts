import type { DataTypeName, TensorProto } from "@servable/tf-proto";
import { ByteReader } from "./byte-reader.js";
import { fromHalfBits } from "./half-bits.js";
import { SavedModelError } from "./saved-model-error.js";
import { dataFromBytes, itemBytes, type StoredData, type StoredTensor, storedDType } from "./stored-tensor.js";
import { knownShapeOf } from "./tensor-shape.js";

/** A tensor that repeats a few values may not grow beyond this many bytes: a short file must not take all memory. */
const MAX_FILLED_BYTES = 2 ** 28;

/**
 * The tensor that a TensorProto stands for. Fewer values than elements means that the last one repeats, and no value
 * that all are zero, false or empty; values beyond the last element are ignored, as TensorFlow does.
 * @param where what the tensor is, for messages
 * @throws SavedModelError DATA_LOSS if content and shape do not go together, or if few values claim to fill more than
 * 256 MiB; UNSUPPORTED for a type no tensor has here
 */
export function decodeTensorProto(proto: TensorProto, where: string): StoredTensor {
  const dtype = storedDType(proto.dtype, where);
  const { shape, size } = knownShapeOf(proto.tensorShape, where);
  const { tensorContent: content } = proto;
  if (content.length === 0) return { dtype, shape, data: fromLists(proto, dtype, { size, where }) };
  if (dtype === "string") return { dtype, shape, data: stringsFromContent(content, { size, where }) };
  if (content.length === size * itemBytes(dtype)) return { dtype, shape, data: dataFromBytes(dtype, content) };
  throw new SavedModelError(
    "DATA_LOSS",
    `${where}: shape [${shape.join(", ")}] of ${dtype} wants ${size * itemBytes(dtype)} bytes, there are ${content.length}`,
  );
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
    case "bfloat16":
      return fill(new Float32Array(room(proto.halfVal, 4, extent)), fromHalfBits(dtype, proto.halfVal), 0);
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

/** The elements to allocate, once there are values for all of them or they are few enough to be filled up. */
function room(values: ArrayLike<unknown>, bytesEach: number, { size, where }: Extent): number {
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

/** The lengths of all elements as varints, then their bytes. */
function stringsFromContent(content: Uint8Array, { size, where }: Extent): readonly Uint8Array[] {
  const reader = new ByteReader(content, where);
  if (size > content.length) throw reader.cutShort();
  const lengths = Array.from({ length: size }, () => reader.varint());
  const elements = lengths.map((length) => reader.take(length));
  if (reader.remaining === 0) return elements;
  throw new SavedModelError("DATA_LOSS", `${where}: ${reader.remaining} bytes too many for ${size} strings`);
}

function strings(values: readonly Uint8Array[], size: number): readonly Uint8Array[] {
  const last = values.at(-1) ?? new Uint8Array(0);
  return Array.from({ length: size }, (_, index) => values[index] ?? last);
}

/** As `fill`, with (real, imaginary) repeating together. */
function pairs<A extends Float32Array | Float64Array>(target: A, values: readonly number[]): A {
  const whole = values.length % 2 === 0 ? values : values.slice(0, -1);
  const last = whole.slice(-2);
  for (let index = 0; index < target.length; index++) target[index] = whole[index] ?? last[index % 2] ?? 0;
  return target;
}
