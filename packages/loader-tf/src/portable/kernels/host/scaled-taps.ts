import { checkedLength } from "./allowance.js";
import type { Taps } from "./sampling.js";

/** A weight by the distance from the middle, and how far it reaches. */
export interface SamplingKernel {
  readonly radius: number;
  weight(distance: number): number;
}

function lanczos(radius: number): SamplingKernel {
  return {
    radius,
    weight(distance) {
      const x = Math.abs(distance);
      if (x > radius) return 0;
      if (x <= 1e-3) return 1;
      return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * Math.PI * x * x);
    },
  };
}

/** The family of cubics of Mitchell and Netravali; Keys's is that with b = 0 and c = 1/2. */
function cubic(b: number, c: number): SamplingKernel {
  return {
    radius: 2,
    weight(distance) {
      const x = Math.abs(distance);
      if (x >= 2) return 0;
      if (x >= 1) return (((-b - 6 * c) * x + 6 * b + 30 * c) * x * x + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6;
      return (((12 - 9 * b - 6 * c) * x - 18 + 12 * b + 6 * c) * x * x + 6 - 2 * b) / 6;
    },
  };
}

/** The kernels that TensorFlow knows, by its names for them. */
export const SAMPLING_KERNELS: Readonly<Record<string, SamplingKernel>> = {
  box: { radius: 1, weight: (x) => (Math.abs(x) < 0.5 ? 1 : Math.abs(x) === 0.5 ? 0.5 : 0) },
  gaussian: { radius: 1.5, weight: (x) => (Math.abs(x) >= 1.5 ? 0 : Math.exp(-2 * x * x)) },
  keyscubic: cubic(0, 0.5),
  lanczos1: lanczos(1),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  mitchellcubic: cubic(1 / 3, 1 / 3),
  triangle: { radius: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
};

/** How an axis is scaled and moved. */
export interface Scaling {
  readonly kernel: SamplingKernel;
  readonly scale: number;
  readonly translation: number;
  /** Whether the kernel is made wider where the axis gets shorter. */
  readonly antialias: boolean;
}

const { fround } = Math;

/**
 * For each element of the new axis, what it is made of; nothing where it lies outside of the old one. In float32, as
 * TensorFlow does it: an element at the very end of a kernel's reach counts or not by the last bit.
 */
export function scaledTaps(from: number, to: number, { kernel, scale, translation, antialias }: Scaling): Taps[] {
  const inverse = fround(1 / fround(scale));
  const width = antialias ? Math.max(inverse, 1) : 1;
  const narrowing = fround(1 / width);
  const offset = fround(translation * inverse);
  return Array.from({ length: checkedLength(to) }, (_, at) => {
    const place = fround(fround((at + 0.5) * inverse) - offset);
    if (place < 0 || place > from) return { indices: [], weights: [] };
    const first = Math.max(Math.ceil(place - kernel.radius * width - 0.5), 0);
    const last = Math.min(Math.floor(place + kernel.radius * width - 0.5), from - 1);
    const count = checkedLength(Math.max(last - first + 1, 0));
    const indices = Array.from({ length: count }, (_unused, tap) => first + tap);
    const weights = indices.map((index) => kernel.weight(fround(fround(index + 0.5 - place) * narrowing)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { indices, weights: total === 0 ? weights : weights.map((weight) => weight / total) };
  });
}
