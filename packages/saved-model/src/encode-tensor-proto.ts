import { type DataTypeName, dataTypeCode, TensorProto } from "@servable/tf-proto";
import { toHalfBits } from "./half-bits.js";
import type { StoredData, StoredTensor } from "./stored-tensor.js";

/** The TensorProto of a tensor: strings one by one, all else as its little-endian bytes. */
export function encodeTensorProto({ dtype, shape, data }: StoredTensor): TensorProto {
  const dim = shape.map((size) => ({ size: BigInt(size), name: "" }));
  const empty = TensorProto.decode(new Uint8Array(0));
  const values = isStrings(data) ? { stringVal: [...data] } : { tensorContent: contentOf(dtype, data) };
  return { ...empty, dtype: dataTypeCode(dtype), tensorShape: { dim, unknownRank: false }, ...values };
}

function isStrings(data: StoredData): data is readonly Uint8Array[] {
  return Array.isArray(data);
}

function contentOf(dtype: DataTypeName, data: Exclude<StoredData, readonly Uint8Array[]>): Uint8Array {
  const values = data instanceof Float32Array ? narrowed(dtype, data) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function narrowed(dtype: DataTypeName, data: Float32Array): Float32Array | Uint16Array {
  return dtype === "float16" || dtype === "bfloat16" ? toHalfBits(dtype, data) : data;
}
