import type { DType, Tensor } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf } from "./host/elements.js";
import { axisOf, integerOf, stridesOf } from "./host/shapes.js";

interface Scan {
  readonly start: unknown;
  readonly step: (total: unknown, value: unknown) => unknown;
}

interface Direction {
  readonly isExclusive: boolean;
  readonly isReverse: boolean;
}

/** Running totals along an axis; exclusive ones leave the element itself out. */
function scan(x: Tensor, axis: number, { start, step, isExclusive, isReverse }: Scan & Direction): Tensor {
  const along = axisOf(axis, x.shape.length);
  const length = x.shape[along] ?? 0;
  const stride = stridesOf(x.shape)[along] ?? 1;
  const result = blank(x.dtype, x.shape);
  const [source, target] = [elementsOf(x), elementsOf(result)];
  for (let line = 0; line < x.data.length / Math.max(length, 1); line++) {
    const from = Math.floor(line / stride) * stride * length + (line % stride);
    let total = start;
    for (let at = 0; at < length; at++) {
      const position = from + (isReverse ? length - 1 - at : at) * stride;
      const next = step(total, source[position]);
      target[position] = isExclusive ? total : next;
      total = next;
    }
  }
  return result;
}

function cumulative(dtypes: readonly DType[], of: (dtype: DType) => Scan): KernelFactory {
  return (node) => {
    const how = of(dtypeAmong(node, "T", dtypes));
    const isExclusive = boolAttribute(node, "exclusive", false);
    const isReverse = boolAttribute(node, "reverse", false);
    return onHost((x, axis) => scan(x, integerOf(axis), { ...how, isExclusive, isReverse }));
  };
}

function wrapping(dtype: DType, step: Scan["step"]): Scan["step"] {
  // A running total must wrap at each step, or it outgrows the numbers that are exact.
  const cell = elementsOf(blank(dtype, [1]));
  return (total, value) => {
    cell[0] = step(total, value);
    return cell[0];
  };
}

/** log(exp(a) + exp(b)), without overflow. */
function logAddExp(a: number, b: number): number {
  const larger = Math.max(a, b);
  return Number.isFinite(larger) ? larger + Math.log1p(Math.exp(Math.min(a, b) - larger)) : larger;
}

/** Operations that give running totals. */
export const CUMULATIVE: KernelTable = {
  CumulativeLogsumexp: cumulative(DTYPES.floating, () => ({
    start: Number.NEGATIVE_INFINITY,
    step: (total, value) => logAddExp(Number(total), Number(value)),
  })),
  Cumprod: cumulative(DTYPES.numeric, (dtype) => ({
    start: arithmeticOf(dtype).one,
    step: wrapping(dtype, arithmeticOf(dtype).multiply),
  })),
  Cumsum: cumulative(DTYPES.numeric, (dtype) => ({
    start: arithmeticOf(dtype).zero,
    step: wrapping(dtype, arithmeticOf(dtype).add),
  })),
};
