import { reserve } from "./allowance.js";

/** Real and imaginary parts of numbers, in float64. */
export interface Parts {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Transforms `length` numbers in place. */
export type Transform = (line: Parts) => void;

/** Zeros, accounted for. */
export function zeroParts(size: number): Parts {
  return { real: floats(size), imaginary: floats(size) };
}

function floats(size: number): Float64Array {
  return reserve("float64", size) as Float64Array;
}

/** The discrete Fourier transform of lines of one length, whatever that is. */
export function fourierTransform(length: number): Transform {
  if (length <= 1) return () => {};
  return (length & (length - 1)) === 0 ? halving(length) : chirped(length);
}

/** The inverse: the transform with its parts exchanged, and divided by the length. */
export function inverseTransform(length: number): Transform {
  const transform = fourierTransform(length);
  return ({ real, imaginary }) => {
    transform({ real: imaginary, imaginary: real });
    for (let at = 0; at < length; at++) {
      real[at] = (real[at] ?? 0) / length;
      imaginary[at] = (imaginary[at] ?? 0) / length;
    }
  };
}

/** Powers of two: pairs are combined into fours, and so on, once the elements are in bit-reversed order. */
function halving(length: number): Transform {
  const turns = zeroParts(length / 2);
  for (let at = 0; at < length / 2; at++) {
    const angle = (-2 * Math.PI * at) / length;
    turns.real[at] = Math.cos(angle);
    turns.imaginary[at] = Math.sin(angle);
  }
  return ({ real, imaginary }) => {
    reverseBits(real);
    reverseBits(imaginary);
    for (let half = 1; half < length; half *= 2) {
      const step = length / (2 * half);
      for (let start = 0; start < length; start += 2 * half) {
        for (let at = 0; at < half; at++) {
          const [low, high] = [start + at, start + at + half];
          const [cos, sin] = [turns.real[at * step] ?? 0, turns.imaginary[at * step] ?? 0];
          const [x, y] = [real[high] ?? 0, imaginary[high] ?? 0];
          const [turnedX, turnedY] = [x * cos - y * sin, x * sin + y * cos];
          const [lowX, lowY] = [real[low] ?? 0, imaginary[low] ?? 0];
          real[low] = lowX + turnedX;
          imaginary[low] = lowY + turnedY;
          real[high] = lowX - turnedX;
          imaginary[high] = lowY - turnedY;
        }
      }
    }
  };
}

function reverseBits(values: Float64Array): void {
  for (let at = 1, reversed = 0; at < values.length; at++) {
    let bit = values.length / 2;
    for (; (reversed & bit) !== 0; bit /= 2) reversed ^= bit;
    reversed |= bit;
    if (at >= reversed) continue;
    const value = values[at] ?? 0;
    values[at] = values[reversed] ?? 0;
    values[reversed] = value;
  }
}

/**
 * Any other length (Bluestein): `jk = (j² + k² - (j - k)²) / 2` makes the transform a convolution with a chirp, which
 * is done by transforms of a power of two.
 */
function chirped(length: number): Transform {
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const [forward, backward] = [fourierTransform(size), inverseTransform(size)];
  const chirp = zeroParts(length);
  const kernel = zeroParts(size);
  for (let at = 0; at < length; at++) {
    // The square modulo a full turn, so that the angle stays exact.
    const angle = (Math.PI * Number(BigInt(at) ** 2n % BigInt(2 * length))) / length;
    chirp.real[at] = Math.cos(angle);
    chirp.imaginary[at] = -Math.sin(angle);
    for (const place of at === 0 ? [0] : [at, size - at]) {
      kernel.real[place] = Math.cos(angle);
      kernel.imaginary[place] = Math.sin(angle);
    }
  }
  forward(kernel);
  const line = zeroParts(size);
  return ({ real, imaginary }) => {
    line.real.fill(0).set(real.subarray(0, length));
    line.imaginary.fill(0).set(imaginary.subarray(0, length));
    multiplyInto(line, chirp, length);
    forward(line);
    multiplyInto(line, kernel, size);
    backward(line);
    multiplyInto(line, chirp, length);
    real.set(line.real.subarray(0, length));
    imaginary.set(line.imaginary.subarray(0, length));
  };
}

function multiplyInto(target: Parts, by: Parts, length: number): void {
  for (let at = 0; at < length; at++) {
    const [x, y] = [target.real[at] ?? 0, target.imaginary[at] ?? 0];
    const [u, v] = [by.real[at] ?? 0, by.imaginary[at] ?? 0];
    target.real[at] = x * u - y * v;
    target.imaginary[at] = x * v + y * u;
  }
}
