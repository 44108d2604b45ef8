import { BLOCK, BLOCK_SIZE } from "./frame.js";
import { type BlockTransform, clamped } from "./inverse-cosine.js";

/** Bits behind the point of the multipliers. */
const POINT = 8;
/** Bits behind the point of multiplied coefficients, and of all sums of them. */
const BETWEEN = 2;

const M1082 = Math.round(1.0823922 * (1 << POINT));
const M1414 = Math.round(Math.SQRT2 * (1 << POINT));
const M1847 = Math.round(1.847759065 * (1 << POINT));
const M2613 = Math.round(2.61312593 * (1 << POINT));

/** What this transform leaves to its multipliers: a factor for each row and for each column. */
const FACTORS = Float64Array.from({ length: BLOCK }, (_, at) =>
  at === 0 ? 1 : Math.SQRT2 * Math.cos((at * Math.PI) / (2 * BLOCK)),
);

/** Multipliers for coefficients, with the factors in them. */
export function fastMultipliers(quantizer: Uint16Array): Int32Array {
  return Int32Array.from({ length: BLOCK_SIZE }, (_, at) => {
    const factor = Math.round((FACTORS[at >> 3] ?? 0) * (FACTORS[at & 7] ?? 0) * (1 << 14));
    return ((quantizer[at] ?? 0) * factor + (1 << 11)) >> (14 - BETWEEN);
  });
}

/**
 * The inverse transform of all samples by the algorithm of Arai, Agui and Nakajima (Transactions of the IEICE, 1988), with 8
 * bits behind the point and nothing rounded up: what TensorFlow takes where accuracy is not asked for.
 */
export const fastSamples: BlockTransform = (block, { data, stride }, to) => {
  for (let column = 0; column < BLOCK; column++) transformLine(block, column, BLOCK);
  for (let row = 0; row < BLOCK; row++) {
    transformLine(block, row * BLOCK, 1);
    const start = to + row * stride;
    for (let at = 0; at < BLOCK; at++) {
      data[start + at] = clamped(((block[row * BLOCK + at] ?? 0) >> (BETWEEN + 3)) + 128);
    }
  }
};

/** Transforms eight numbers `step` apart in place. */
function transformLine(block: Int32Array, start: number, step: number): void {
  const at = (index: number): number => start + index * step;
  const x0 = block[at(0)] ?? 0;
  const x1 = block[at(1)] ?? 0;
  const x2 = block[at(2)] ?? 0;
  const x3 = block[at(3)] ?? 0;
  const x4 = block[at(4)] ?? 0;
  const x5 = block[at(5)] ?? 0;
  const x6 = block[at(6)] ?? 0;
  const x7 = block[at(7)] ?? 0;

  const pair = x2 + x6;
  const turned = times(x2 - x6, M1414) - pair;
  const e0 = x0 + x4 + pair;
  const e3 = x0 + x4 - pair;
  const e1 = x0 - x4 + turned;
  const e2 = x0 - x4 - turned;

  const inner = x5 + x3;
  const innerDifference = x5 - x3;
  const outer = x1 + x7;
  const outerDifference = x1 - x7;
  const both = times(innerDifference + outerDifference, M1847);
  const o0 = outer + inner;
  const o1 = times(innerDifference, -M2613) + both - o0;
  const o2 = times(outer - inner, M1414) - o1;
  const o3 = times(outerDifference, M1082) - both + o2;

  block[at(0)] = e0 + o0;
  block[at(7)] = e0 - o0;
  block[at(1)] = e1 + o1;
  block[at(6)] = e1 - o1;
  block[at(2)] = e2 + o2;
  block[at(5)] = e2 - o2;
  block[at(4)] = e3 + o3;
  block[at(3)] = e3 - o3;
}

function times(value: number, multiplier: number): number {
  return Math.imul(value, multiplier) >> POINT;
}
