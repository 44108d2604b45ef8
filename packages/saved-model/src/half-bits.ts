/** The dtypes of sixteen bits, whose elements are kept as float32. */
export type HalfDType = "float16" | "bfloat16";

/** The bits of numbers as a half type: to the nearest, half to even; too large for float16 to infinity. */
export function toHalfBits(dtype: HalfDType, values: Float32Array): Uint16Array {
  return dtype === "float16" ? float16Bits(values) : bfloat16Bits(values);
}

/** The numbers that bits of a half type mean. */
export function fromHalfBits(dtype: HalfDType, bits: ArrayLike<number>): Float32Array {
  return dtype === "float16" ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** The bits of numbers as bfloat16, the upper half of float32: to the nearest, half to even. */
function bfloat16Bits(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word[0] = value;
    const all = bits[0] ?? 0;
    return Number.isNaN(value) ? 0x7fc0 : (all + 0x7fff + ((all >>> 16) & 1)) >>> 16;
  });
}

/** The bits of numbers as float16, IEEE 754's binary16: to the nearest, half to even, too large to infinity. */
function float16Bits(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word[0] = value;
    const sign = ((bits[0] ?? 0) >>> 16) & 0x8000;
    return sign | magnitude(Math.abs(value));
  });
}

function magnitude(size: number): number {
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65_520) return 0x7c00;
  if (size < 2 ** -14) {
    // The last bit of float32 from 0.5 on is float16's smallest step, so that the sum is rounded to whole steps.
    word[0] = size + 0.5;
    return (bits[0] ?? 0) - 0x3f000000;
  }
  word[0] = size;
  const all = bits[0] ?? 0;
  // The exponent is 112 lower; what the addition carries over goes into it, which is the next power of two.
  return (all - (112 << 23) + 0xfff + ((all >>> 13) & 1)) >>> 13;
}

/** Numbers from the bits of IEEE 754 binary16. */
function float16ToFloat32(bits: ArrayLike<number>): Float32Array {
  const wide = new Float32Array(bits.length);
  const wideBits = new Uint32Array(wide.buffer);
  for (let index = 0; index < wide.length; index++) {
    const half = bits[index] ?? 0;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      wide[index] = (half & 0x8000 ? -1 : 1) * fraction * 2 ** -24;
    } else {
      // The wider exponent has its zero 112 higher; all ones (infinity, NaN) stay all ones.
      const wider = exponent === 0x1f ? 0xff : exponent + 112;
      wideBits[index] = ((half & 0x8000) << 16) | (wider << 23) | (fraction << 13);
    }
  }
  return wide;
}

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat32(bits: ArrayLike<number>): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let index = 0; index < wide.length; index++) wide[index] = (bits[index] ?? 0) << 16;
  return new Float32Array(wide.buffer);
}
