import type { DType, Tensor } from "@servable/core";
import { blank } from "./elements.js";
import { roundTo } from "./half.js";
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
    const halves = new Uint16Array(bytes.buffer);
    const widen = dtype === "bfloat16" ? bfloat16Of : float16Of;
    return { ...result, data: Float32Array.from(halves, widen) };
  }
  const data = result.data as Float32Array;
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
  return result;
}

/** A copy of the bytes, as TensorFlow would have them. */
function bytesOf(x: Tensor): Uint8Array {
  const data = x.data as Float32Array;
  if (x.dtype === "float16" || x.dtype === "bfloat16") {
    const bits = x.dtype === "bfloat16" ? bitsOfBfloat16 : bitsOfFloat16;
    return new Uint8Array(Uint16Array.from(roundTo(x.dtype, data), bits).buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

function bitsOfBfloat16(value: number): number {
  word[0] = value;
  return (bits[0] ?? 0) >>> 16;
}

function bfloat16Of(half: number): number {
  bits[0] = half << 16;
  return word[0] ?? 0;
}

function bitsOfFloat16(value: number): number {
  word[0] = value;
  const all = bits[0] ?? 0;
  const sign = (all >>> 16) & 0x8000;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (size >= 65_536) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  return sign | (((all >>> 13) & 0x3ffff) - (112 << 10));
}

function float16Of(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
