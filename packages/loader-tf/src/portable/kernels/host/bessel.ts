/** Beyond this the asymptotic series has all digits before its terms grow. */
const LARGE = 40;
/** The integrand is periodic, so that the trapezoidal rule converges faster than any power of its step. */
const POINTS = 64;
const TERMS = 24;

/**
 * The modified Bessel function of the first kind, of order 0 or 1, times exp(-|x|): the integral
 * 1/π ∫ exp(|x| (cos t - 1)) cos(n t) dt from 0 to π, and its asymptotic series (Abramowitz and Stegun, 9.6.19, 9.7.1).
 */
export function scaledBesselI(order: 0 | 1, x: number): number {
  const size = Math.abs(x);
  const sign = order === 1 && x < 0 ? -1 : 1;
  if (size === Number.POSITIVE_INFINITY) return 0;
  return sign * (size > LARGE ? asymptotic(order, size) : integral(order, size));
}

function integral(order: 0 | 1, x: number): number {
  let sum = (1 + Math.exp(-2 * x) * (order === 0 ? 1 : -1)) / 2;
  for (let at = 1; at < POINTS; at++) {
    const cosine = Math.cos((Math.PI * at) / POINTS);
    sum += Math.exp(x * (cosine - 1)) * (order === 0 ? 1 : cosine);
  }
  return sum / POINTS;
}

function asymptotic(order: 0 | 1, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= TERMS; k++) {
    term *= -(4 * order * order - (2 * k - 1) ** 2) / (8 * k * x);
    sum += term;
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
