import { allocate, type DType, ServingError, sizeOf, type Tensor } from "@servable/core";
import { fromHalfBits, toHalfBits } from "@servable/saved-model";
import type { CApi, Pointer } from "./c-api.js";

/** A tensor of a signature: what the caller has, and TensorFlow's number for what the graph has. */
export interface TensorType {
  readonly dtype: DType;
  readonly code: number;
}

/** TensorFlow's number of the type string. */
const STRING = 7;

/** What a TF_TString takes; zeros are an empty one. */
const STRING_BYTES = 24;

/** More dimensions than TensorFlow knows. */
const MAX_RANK = 255;
const dims = new BigInt64Array(MAX_RANK);

/**
 * Copies a tensor into TensorFlow's memory; {@link releaseTensor} gives it back.
 * @throws ServingError RESOURCE_EXHAUSTED where there is no memory for it
 */
export function writeTensor(api: CApi, { shape, data }: Tensor, { dtype, code }: TensorType): Pointer {
  const rank = shape.length;
  if (rank >= MAX_RANK) throw new ServingError("INVALID_ARGUMENT", `a tensor cannot have ${rank} dimensions`);
  for (let axis = 0; axis < rank; axis++) dims[axis] = BigInt(shape[axis] ?? 0);
  const content = contentOf(data, dtype);
  const tensor = api.newTensor(code, dims, rank, content.byteLength);
  if (!tensor) throw new ServingError("RESOURCE_EXHAUSTED", `there is no memory for ${content.byteLength} bytes`);
  const start = api.tensorData(tensor);
  api.copyIn(start, content);
  if (!ArrayBuffer.isView(data)) writeStrings(api, start, data);
  return tensor;
}

function contentOf(data: Tensor["data"], dtype: DType): ArrayBufferView {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data.length * STRING_BYTES);
  if (dtype === "float16" || dtype === "bfloat16") return toHalfBits(dtype, data as Float32Array);
  return data;
}

function writeStrings(api: CApi, start: Pointer, strings: readonly Uint8Array[]): void {
  for (const [index, bytes] of strings.entries()) {
    if (bytes.length > 0) api.stringCopy(stringAt(start, index), bytes);
  }
}

/**
 * Deletes a tensor that {@link writeTensor} made. TensorFlow does not free the strings of such a tensor; they stay
 * where somebody else holds them: a variable that has taken the tensor over.
 */
export function releaseTensor(api: CApi, tensor: Pointer): void {
  if (api.tensorType(tensor) === STRING && api.isOnlyHolder(tensor)) {
    const start = api.tensorData(tensor);
    const count = api.tensorBytes(tensor) / STRING_BYTES;
    for (let index = 0; index < count; index++) api.stringFree(stringAt(start, index));
  }
  api.deleteTensor(tensor);
}

/**
 * Copies a tensor out of TensorFlow's memory.
 * @throws ServingError INTERNAL if it is not of the type that its signature says
 */
export function readTensor(api: CApi, tensor: Pointer, { dtype, code }: TensorType): Tensor {
  const found = api.tensorType(tensor);
  if (found !== code)
    throw new ServingError("INTERNAL", `TensorFlow gave type ${found} where the signature has ${code}`);
  const rank = api.rank(tensor);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) shape.push(api.size(tensor, axis));
  const size = sizeOf(shape);
  if (dtype === "string") return { dtype, shape, data: readStrings(api, api.tensorData(tensor), size) };
  const isHalf = dtype === "float16" || dtype === "bfloat16";
  const content = isHalf ? new Uint16Array(size) : allocate(dtype, size);
  if (!ArrayBuffer.isView(content) || content.byteLength !== api.tensorBytes(tensor)) {
    throw new ServingError("INTERNAL", `TensorFlow gave ${api.tensorBytes(tensor)} bytes for [${shape.join()}]`);
  }
  api.copyOut(content, api.tensorData(tensor));
  return { dtype, shape, data: isHalf ? fromHalfBits(dtype, content as Uint16Array) : content };
}

function readStrings(api: CApi, start: Pointer, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const string = stringAt(start, index);
    const bytes = new Uint8Array(api.stringSize(string));
    api.copyOut(bytes, api.stringData(string));
    return bytes;
  });
}

function stringAt(start: Pointer, index: number): Pointer {
  return start + BigInt(index * STRING_BYTES);
}
