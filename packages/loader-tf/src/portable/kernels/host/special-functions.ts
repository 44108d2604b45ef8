// Functions that JavaScript lacks, in float64, by the series and continued fractions that define them.

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const EPSILON = 2 ** -53;
/** Where the series for erf gives way to the continued fraction for erfc. */
const SERIES_UP_TO = 2.5;

/** The error function: 2/√π ∫ exp(-t²) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > SERIES_UP_TO) return Math.sign(x) * (1 - upperErfc(size));
  // exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!: no term is negative, so that nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > EPSILON * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
}

/** 1 - erf(x), exact where that is small. */
export function erfc(x: number): number {
  return x > SERIES_UP_TO ? upperErfc(x) : 1 - erf(x);
}

/** The continued fraction x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))), from its end. */
function upperErfc(x: number): number {
  if (x > 30) return 0;
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

/** The inverse of erf: infinite at -1 and 1, NaN beyond. */
export function erfInverse(y: number): number {
  const size = Math.abs(y);
  if (!(size <= 1)) return Number.NaN;
  if (size > 0.5) return Math.sign(y) * erfcInverse(1 - size);
  return refined(firstGuess((1 - y) * (1 + y)) * Math.sign(y), (x) => erf(x) - y);
}

/** The inverse of erfc between 0 and 1. */
function erfcInverse(z: number): number {
  if (z === 0) return Number.POSITIVE_INFINITY;
  return refined(firstGuess(z * (2 - z)), (x) => z - erfc(x));
}

/** Winitzki's approximation of the inverse of erf, good to 0.002, from 1 - y². */
function firstGuess(rest: number): number {
  const logarithm = Math.log(rest);
  const half = 2 / (Math.PI * 0.147) + logarithm / 2;
  return Math.sqrt(Math.sqrt(half * half - logarithm / 0.147) - half);
}

/** Halley's method on erf; the error is cubed with each step. */
function refined(guess: number, error: (x: number) => number): number {
  let x = guess;
  for (let step = 0; step < 3; step++) {
    const newton = error(x) / (TWO_OVER_ROOT_PI * Math.exp(-x * x));
    x -= newton / (1 + x * newton);
  }
  return x;
}

/** The quantile function of the normal distribution. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p < 0.5 ? -Math.SQRT2 * erfcInverse(2 * p) : Math.SQRT2 * erfcInverse(2 * (1 - p));
}

/** Bernoulli numbers B₂, B₄, …, which the asymptotic series are made of. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];
/** From here on the asymptotic series are exact to float64. */
const LARGE = 12;

/** The logarithm of |Γ(x)|; infinite at 0, -1, -2 … */
export function logGamma(x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - logGamma(1 - x);
  if (!Number.isFinite(x)) return x;
  let shift = 1;
  let at = x;
  for (; at < LARGE; at++) shift *= at;
  let series = 0;
  for (const [k, bernoulli] of BERNOULLI.entries()) {
    series += bernoulli / ((2 * k + 2) * (2 * k + 1) * at ** (2 * k + 1));
  }
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(shift);
}

/** sin(πx), exact for large x. */
function sinPi(x: number): number {
  return Math.sin(Math.PI * (x - 2 * Math.round(x / 2)));
}

/** The derivative of {@link logGamma}. */
export function digamma(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x < 0 && Number.isInteger(x)) return Number.NaN;
  if (x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let sum = 0;
  let at = x;
  for (; at < LARGE; at++) sum -= 1 / at;
  let series = 0;
  for (const [k, bernoulli] of BERNOULLI.entries()) series += bernoulli / ((2 * k + 2) * at ** (2 * k + 2));
  return sum + Math.log(at) - 1 / (2 * at) - series;
}

/** The lower incomplete gamma function P(a, x), between 0 and 1. */
export function lowerGamma(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return a === 0 && x > 0 ? 1 : Number.NaN;
  if (x === 0) return 0;
  if (!Number.isFinite(x)) return 1;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** Q(a, x) = 1 - P(a, x), exact where that is small. */
export function upperGamma(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return a === 0 && x > 0 ? 0 : Number.NaN;
  if (x === 0) return 1;
  if (!Number.isFinite(x)) return 0;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > EPSILON * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Legendre's continued fraction, from the front (Lentz). */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < EPSILON * 2) break;
  }
  return fraction * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** The neighbour of `x` towards `y`, in float32 or float64. */
export function nextAfter(x: number, y: number, words: Float32Array | Float64Array): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  const bits =
    words instanceof Float32Array ? new Int32Array(words.buffer, 0, 1) : new BigInt64Array(words.buffer, 0, 1);
  words[0] = x;
  const up = x < y === x > 0;
  if (bits instanceof Int32Array) bits[0] = x === 0 ? 1 : (bits[0] ?? 0) + (up ? 1 : -1);
  else bits[0] = x === 0 ? 1n : (bits[0] ?? 0n) + (up ? 1n : -1n);
  const next = words[0];
  return x === 0 && y < 0 ? -next : next;
}
