/** Powers of ten that a double holds exactly. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * A double as its shortest decimal, with a point or an exponent so that clients take it for a float; what is not finite
 * as the bare tokens that TensorFlow Serving writes.
 */
export function writeDouble(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

/** A float32 as the shortest decimal that reads back as the same float32; otherwise as {@link writeDouble}. */
export function writeFloat(value: number): string {
  return writeDouble(isExact(value) ? value : shortest(value));
}

/** Whether a value is best written as it is: what is not finite, and integers that a float32 counts one by one. */
function isExact(value: number): boolean {
  return !Number.isFinite(value) || (Math.abs(value) < 2 ** 24 && Number.isInteger(value));
}

/** The double of the fewest digits that rounds to `value`, a finite float32. */
function shortest(value: number): number {
  const size = Math.abs(value);
  const exponent = Math.floor(Math.log10(size));
  // Any decimal of six digits survives a float32, so none with fewer need be tried; below the normal numbers they must.
  if (size < 1.2e-38) return byDigits(value, 1);
  for (let digits = 6; digits <= 9; digits++) {
    const scale = POWERS[digits - 1 - exponent];
    if (scale === undefined) return byDigits(value, digits);
    // An integer over an exact power of ten is rounded once: the double nearest to that decimal, which prints as it.
    const candidate = Math.round(value * scale) / scale;
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

function byDigits(value: number, least: number): number {
  for (let digits = least; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
