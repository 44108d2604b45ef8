/** Digits that any float32 needs at most. */
export const MOST_DIGITS = 9;

/** The least and the greatest power of ten of a normal float32. */
const [LEAST_POWER, MOST_POWER] = [-38, 38] as const;

/** What takes a value with the first digit at 10^power to an integer of nine digits. */
const SCALES = Float64Array.from({ length: MOST_POWER - LEAST_POWER + 1 }, (_, index) =>
  Number(`1e${MOST_DIGITS - 1 - (index + LEAST_POWER)}`),
);
const POWERS = Float64Array.from({ length: MOST_POWER - LEAST_POWER + 2 }, (_, index) =>
  Number(`1e${index + LEAST_POWER}`),
);

/** By the exponent bits of a float32: half of the distance to its upper neighbour, and the power of ten of the least value. */
const HALVES = Float64Array.from({ length: 255 }, (_, exponent) => 2 ** (exponent - 151));
const FIRST_POWERS = Int32Array.from({ length: 255 }, (_, exponent) =>
  Math.floor((exponent - 127) * Math.LOG10E * Math.LN2),
);

/** Between these powers the scaled bounds are exact in a double, so that it can be told whether they are integers. */
const [EXACT_FROM, EXACT_TO] = [-4, 8] as const;

/** More than the error of a scaled bound otherwise. */
const DOUBT = 1e-5;

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The power of ten of the first digit of a positive normal float32. */
export function firstPower(value: number): number {
  single[0] = value;
  const power = FIRST_POWERS[(bits[0] ?? 0) >>> 23] ?? 0;
  return value >= (POWERS[power + 1 - LEAST_POWER] ?? 0) ? power + 1 : power;
}

/**
 * The fewest digits that read back as `value`, a positive normal float32, and of those the nearest: an integer of nine
 * digits with zeros at its end, of which the first is at 10^power; it may also be 10^9. Negative where a double cannot
 * tell.
 *
 * All that lies between the middles to both neighbours reads back as the value: scaled, some 6 to 119 integers. A
 * multiple of 1,000 among them is the only one, and has the fewest digits; else the nearest multiple of 100, or of 10.
 */
export function shortestDigits(value: number, power: number): number {
  single[0] = value;
  const word = bits[0] ?? 0;
  const scale = SCALES[power - LEAST_POWER] ?? 0;
  const scaled = value * scale;
  const half = (HALVES[word >>> 23] ?? 0) * scale;
  // The lower neighbour of a power of two is half as far.
  const low = scaled - ((word & 0x7f_ff_ff) === 0 ? half / 2 : half);
  const high = scaled + half;
  let least = Math.ceil(low) | 0;
  let most = Math.floor(high) | 0;
  if (power >= EXACT_FROM && power <= EXACT_TO) {
    // A middle itself is read as the neighbour whose last bit is 0.
    if (least === low && (word & 1) === 1) least = (least + 1) | 0;
    if (most === high && (word & 1) === 1) most = (most - 1) | 0;
  } else if (isNearInteger(low) || isNearInteger(high)) {
    return -1;
  }
  const thousands = Math.imul((most / 1_000) | 0, 1_000);
  if (thousands >= least) return thousands;
  const hundreds = Math.imul((most / 100) | 0, 100);
  if (hundreds >= least) {
    const near = Math.imul(Math.round(scaled / 100) | 0, 100);
    return near > hundreds ? hundreds : near < least ? (near + 100) | 0 : near;
  }
  const tens = Math.imul((most / 10) | 0, 10);
  if (tens >= least) {
    const near = Math.imul(Math.round(scaled / 10) | 0, 10);
    return near > tens ? tens : near < least ? (near + 10) | 0 : near;
  }
  return Math.round(scaled) | 0;
}

function isNearInteger(value: number): boolean {
  return Math.abs(value - Math.round(value)) < DOUBT;
}
