/** Elements rounded to what float16 or bfloat16 can hold: to the nearest, half to even, too large to infinity. */
export function roundTo(dtype: "float16" | "bfloat16", values: Float32Array): Float32Array {
  return dtype === "float16" ? values.map(toFloat16) : values.map(toBfloat16);
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** The upper sixteen bits of a float32; adding half of the last one, less one where that is even, rounds. */
function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return value;
  word[0] = value;
  const old = bits[0] ?? 0;
  bits[0] = (old + 0x7fff + ((old >>> 16) & 1)) & 0xffff0000;
  return word[0];
}

/** Beyond this, which is half a step above the largest float16, a value becomes infinite. */
const OVERFLOW = 65_520;
/** Below this float16 has steps of one size. */
const SMALLEST_NORMAL = 2 ** -14;

function toFloat16(value: number): number {
  const size = Math.abs(value);
  if (!(size < OVERFLOW))
    return Number.isNaN(value) ? value : value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  // Eleven bits, counted from the highest: the exponent of float32 gives the step.
  word[0] = size;
  const exponent = ((bits[0] ?? 0) >>> 23) - 127;
  const step = size < SMALLEST_NORMAL ? 2 ** -24 : 2 ** (exponent - 10);
  const count = size / step;
  const floor = Math.floor(count);
  const rest = count - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return Math.sign(value) === 0 ? value : Math.sign(value) * rounded * step;
}
