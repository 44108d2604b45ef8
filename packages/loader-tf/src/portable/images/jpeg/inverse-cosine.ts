import { BLOCK } from "./frame.js";

/** Bits behind the point of the multipliers, and of what the first of the two passes gives. */
const POINT = 13;
const BETWEEN = 2;

/** A multiplier in fixed point. */
const fixed = (value: number): number => Math.round(value * (1 << POINT));

const M0541 = fixed(0.5411961);
const M0765 = fixed(0.765366865);
const M1847 = fixed(1.847759065);
const M1175 = fixed(1.175875602);
const M0298 = fixed(0.298631336);
const M2053 = fixed(2.053119869);
const M3072 = fixed(3.072711026);
const M1501 = fixed(1.50132111);
const M0899 = fixed(0.899976223);
const M2562 = fixed(2.562915447);
const M1961 = fixed(1.96157056);
const M0390 = fixed(0.390180644);

/** Samples of a component, rows from the top. */
export interface Plane {
  readonly data: Uint8Array;
  /** Samples from one row to the next. */
  readonly stride: number;
  /** Samples that have pixels. */
  readonly width: number;
  readonly height: number;
}

/** Turns a block of multiplied coefficients into samples, from `to` on in `plane`; `block` is written over. */
export type BlockTransform = (block: Int32Array, plane: Pick<Plane, "data" | "stride">, to: number) => void;

/**
 * The inverse transform of all samples, by the algorithm of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), with 13 bits
 * behind the point as most decoders have it, so that rounding is theirs.
 */
export const allSamples: BlockTransform = (block, { data, stride }, to) => {
  for (let column = 0; column < BLOCK; column++) transformLine(block, column, DOWN);
  for (let row = 0; row < BLOCK; row++) {
    transformLine(block, row * BLOCK, ACROSS);
    const start = to + row * stride;
    for (let at = 0; at < BLOCK; at++) data[start + at] = clamped((block[row * BLOCK + at] ?? 0) + 128);
  }
};

interface Line {
  /** From one number to the next. */
  readonly step: number;
  /** Bits that are dropped of the results. */
  readonly shift: number;
}

const DOWN: Line = { step: BLOCK, shift: POINT - BETWEEN };
const ACROSS: Line = { step: 1, shift: POINT + BETWEEN + 3 };

/** Transforms eight numbers in place. */
function transformLine(block: Int32Array, start: number, { step, shift }: Line): void {
  const half = 1 << (shift - 1);
  const at = (index: number): number => start + index * step;
  const x0 = block[at(0)] ?? 0;
  const x1 = block[at(1)] ?? 0;
  const x2 = block[at(2)] ?? 0;
  const x3 = block[at(3)] ?? 0;
  const x4 = block[at(4)] ?? 0;
  const x5 = block[at(5)] ?? 0;
  const x6 = block[at(6)] ?? 0;
  const x7 = block[at(7)] ?? 0;

  const turned = Math.imul(x2 + x6, M0541);
  const low = turned - Math.imul(x6, M1847);
  const high = turned + Math.imul(x2, M0765);
  const sum = (x0 + x4) << POINT;
  const difference = (x0 - x4) << POINT;
  const e0 = sum + high + half;
  const e3 = sum - high + half;
  const e1 = difference + low + half;
  const e2 = difference - low + half;

  const both = Math.imul(x7 + x3 + x5 + x1, M1175);
  const outer = Math.imul(x7 + x1, -M0899);
  const inner = Math.imul(x5 + x3, -M2562);
  const odd = both - Math.imul(x7 + x3, M1961);
  const even = both - Math.imul(x5 + x1, M0390);
  const o0 = Math.imul(x1, M1501) + outer + even;
  const o1 = Math.imul(x3, M3072) + inner + odd;
  const o2 = Math.imul(x5, M2053) + inner + even;
  const o3 = Math.imul(x7, M0298) + outer + odd;

  block[at(0)] = (e0 + o0) >> shift;
  block[at(7)] = (e0 - o0) >> shift;
  block[at(1)] = (e1 + o1) >> shift;
  block[at(6)] = (e1 - o1) >> shift;
  block[at(2)] = (e2 + o2) >> shift;
  block[at(5)] = (e2 - o2) >> shift;
  block[at(3)] = (e3 + o3) >> shift;
  block[at(4)] = (e3 - o3) >> shift;
}

/** A transform to fewer samples: each is the mean of those that it stands for. It rounds where {@link allSamples} does. */
export function fewerSamples(size: number): BlockTransform {
  const share = BLOCK / size;
  const basis = Float64Array.from({ length: size * BLOCK }, (_, index) => {
    const [sample, frequency] = [Math.floor(index / BLOCK), index % BLOCK];
    let sum = 0;
    for (let at = sample * share; at < (sample + 1) * share; at++) {
      sum += Math.cos(((2 * at + 1) * frequency * Math.PI) / (2 * BLOCK));
    }
    return (sum / share) * (frequency === 0 ? 1 : Math.SQRT2);
  });
  const columns = new Float64Array(size * BLOCK);
  return (block, { data, stride }, to) => {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < BLOCK; column++) {
        let sum = 0;
        for (let at = 0; at < BLOCK; at++) sum += (basis[row * BLOCK + at] ?? 0) * (block[at * BLOCK + column] ?? 0);
        columns[row * BLOCK + column] = Math.round(sum * (1 << BETWEEN));
      }
    }
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        let sum = 0;
        for (let at = 0; at < BLOCK; at++) sum += (basis[column * BLOCK + at] ?? 0) * (columns[row * BLOCK + at] ?? 0);
        data[to + row * stride + column] = clamped(Math.round(sum / (1 << (BETWEEN + 3))) + 128);
      }
    }
  };
}

/** A sample of 8 bits. */
export function clamped(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
