import type { PngFile } from "./png-file.js";

/** The grey of a color. */
export type ToGrey = (red: number, green: number, blue: number) => number;

/** The shares of red, green and blue of 2^15. */
const RED = 9797;
const GREEN = 19_234;
const BLUE = 32_768 - RED - GREEN;
const HALF = 16_384;

/** Where 16 bits are made 8, colors are weighed by their upper 11 bits. */
const COARSE = 5;

/**
 * How libpng makes colors grey: 8 bits are cut, 16 are rounded. Where the file tells its gamma, colors are weighed by their light,
 * and all is rounded.
 * @param isWide whether samples have 16 bits
 * @param bits of the result
 */
export function greyOf({ gamma }: Pick<PngFile, "gamma">, isWide: boolean, bits: 8 | 16): ToGrey {
  if (gamma === undefined) return weighted(isWide ? HALF : 0);
  const shift = isWide && bits === 8 ? COARSE : 0;
  const greatest = isWide ? 65_535 : 255;
  // Five digits behind the point, as in the file.
  const light = curve(Math.round(100_000 / gamma) / 100_000, greatest, shift);
  const back = curve(gamma, greatest, shift);
  const grey = weighted(HALF);
  const lightOf = (sample: number): number => light[sample >> shift] ?? 0;
  return (red, green, blue) =>
    red === green && red === blue ? red : (back[grey(lightOf(red), lightOf(green), lightOf(blue)) >> shift] ?? 0);
}

function weighted(rounding: number): ToGrey {
  return (red, green, blue) =>
    red === green && red === blue ? red : Math.floor((red * RED + green * GREEN + blue * BLUE + rounding) / 32_768);
}

/** Samples to a power, by their bits without the lowest. */
function curve(power: number, greatest: number, shift: number): Uint16Array {
  const last = greatest >> shift;
  return Uint16Array.from({ length: last + 1 }, (_, at) => Math.round(greatest * (at / last) ** power));
}
