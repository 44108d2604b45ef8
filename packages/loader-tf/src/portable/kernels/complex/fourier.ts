import type { DType, Tensor } from "@servable/core";
import { dtypeAmong, type TypeWithDefault } from "../../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { blank, numbersOf } from "../host/elements.js";
import { fourierTransform, inverseTransform, type Transform, zeroParts } from "../host/fourier.js";
import { checkedShape, formatShape, integerOf, mismatch } from "../host/shapes.js";
import { complexOf } from "./parts.js";

const COMPLEX: readonly DType[] = ["complex64", "complex128"];
const REAL: readonly DType[] = ["float32", "float64"];
const T_COMPLEX: TypeWithDefault = { name: "Tcomplex", fallback: "complex64" };
const T_REAL: TypeWithDefault = { name: "Treal", fallback: "float32" };

/** How many of the numbers of a line are wanted; a tensor of nothing has enough. */
function checkedLine(x: Tensor, wanted: number): number {
  const length = x.shape.at(-1);
  if (length === undefined || (length < wanted && x.data.length > 0) || wanted < 0) {
    throw mismatch(`${formatShape(x.shape)} is too small for a transform of ${wanted}`);
  }
  return length;
}

/** The shape with lines of another length. */
function linesOf({ shape }: Tensor, length: number): readonly number[] {
  return checkedShape([...shape.slice(0, -1), length]);
}

function transform(make: (length: number) => Transform): KernelFactory {
  return (node) => {
    dtypeAmong(node, T_COMPLEX, COMPLEX);
    return onHost((x) => {
      const length = checkedLine(x, 0);
      const result = blank(x.dtype, x.shape);
      const [source, target] = [numbersOf(x), result.data as Float64Array];
      const line = zeroParts(length);
      const run = make(length);
      for (let start = 0; start < source.length; start += 2 * length) {
        for (let at = 0; at < length; at++) {
          line.real[at] = source[start + 2 * at] ?? 0;
          line.imaginary[at] = source[start + 2 * at + 1] ?? 0;
        }
        run(line);
        for (let at = 0; at < length; at++) {
          target[start + 2 * at] = line.real[at] ?? 0;
          target[start + 2 * at + 1] = line.imaginary[at] ?? 0;
        }
      }
      return result;
    });
  };
}

/** How much of a spectrum of that length is not a mirror image. */
function halfOf(length: number): number {
  return length === 0 ? 0 : Math.floor(length / 2) + 1;
}

/** Of real numbers, whose spectrum is given by its first half. */
const ofReal: KernelFactory = (node) => {
  dtypeAmong(node, T_REAL, REAL);
  return onHost((x, lengths) => {
    const length = integerOf(lengths);
    const own = checkedLine(x, length);
    const kept = halfOf(length);
    const result = blank(complexOf(x.dtype), linesOf(x, kept));
    const [source, target] = [numbersOf(x), result.data as Float64Array];
    const line = zeroParts(length);
    const run = fourierTransform(length);
    for (let n = 0; n * 2 * kept < target.length; n++) {
      for (let at = 0; at < length; at++) line.real[at] = source[n * own + at] ?? 0;
      line.imaginary.fill(0);
      run(line);
      for (let at = 0; at < kept; at++) {
        target[2 * (n * kept + at)] = line.real[at] ?? 0;
        target[2 * (n * kept + at) + 1] = line.imaginary[at] ?? 0;
      }
    }
    return result;
  });
};

/** Real numbers, of the first half of their spectrum. */
const toReal: KernelFactory = (node) => {
  dtypeAmong(node, T_COMPLEX, COMPLEX);
  const dtype = dtypeAmong(node, T_REAL, REAL);
  return onHost((x, lengths) => {
    const length = integerOf(lengths);
    const kept = halfOf(length);
    const own = checkedLine(x, kept);
    const result = blank(dtype, linesOf(x, length));
    const [source, target] = [numbersOf(x), result.data as Float64Array];
    const line = zeroParts(length);
    const run = inverseTransform(length);
    for (let n = 0; n * length < target.length; n++) {
      for (let at = 0; at < length; at++) {
        const isMirrored = at >= kept;
        const from = 2 * (n * own + (isMirrored ? length - at : at));
        line.real[at] = source[from] ?? 0;
        line.imaginary[at] = (isMirrored ? -1 : 1) * (source[from + 1] ?? 0);
      }
      run(line);
      target.set(line.real, n * length);
    }
    return result;
  });
};

/** Fourier transforms along the last dimension; computed in float64 and rounded. */
export const FOURIER: KernelTable = {
  FFT: transform(fourierTransform),
  IFFT: transform(inverseTransform),
  IRFFT: toReal,
  RFFT: ofReal,
};
