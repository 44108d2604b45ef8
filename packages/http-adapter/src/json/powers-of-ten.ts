/** The powers of ten that a double holds exactly, 10^0 to 10^22. */
export const EXACT_POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
