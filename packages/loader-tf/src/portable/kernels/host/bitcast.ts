import type { DType, Tensor } from "@servable/core";
import { fromHalfBits, toHalfBits } from "@servable/saved-model";
import { blank } from "./elements.js";
import { formatShape, mismatch } from "./shapes.js";

/** Bytes of an element as TensorFlow keeps it; half types are kept wider here. */
function widthOf(dtype: DType): number {
  if (dtype === "float16" || dtype === "bfloat16") return 2;
  if (dtype === "complex64") return 8;
  if (dtype === "complex128") return 16;
  const { data } = blank(dtype, []);
  return ArrayBuffer.isView(data) ? data.BYTES_PER_ELEMENT : 0;
}

/**
 * The bits of a tensor as another dtype. Where that is narrower a last dimension is added, where it is wider the last
 * dimension must make up one element and goes.
 * @throws ServingError INVALID_ARGUMENT if the last dimension does not
 */
export function bitcast(x: Tensor, dtype: DType): Tensor {
  const [from, to] = [widthOf(x.dtype), widthOf(dtype)];
  if (from < to && x.shape.at(-1) !== to / from) {
    throw mismatch(`${formatShape(x.shape)} of ${x.dtype} are not the bits of ${dtype}`);
  }
  const shape = from === to ? x.shape : from > to ? [...x.shape, from / to] : x.shape.slice(0, -1);
  const bytes = bytesOf(x);
  const result = blank(dtype, shape);
  if (dtype === "float16" || dtype === "bfloat16") {
    return { ...result, data: fromHalfBits(dtype, new Uint16Array(bytes.buffer)) };
  }
  const data = result.data as Float32Array;
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
  return result;
}

/** A copy of the bytes, as TensorFlow would have them. */
function bytesOf(x: Tensor): Uint8Array {
  const data = x.data as Float32Array;
  if (x.dtype === "float16" || x.dtype === "bfloat16") {
    return new Uint8Array(toHalfBits(x.dtype, data).buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
