import type { Tensor } from "@servable/core";
import { boolAttribute, floatAttribute, intAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type Kernel, type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { blank, elementsOf, numbersOf } from "./host/elements.js";
import { formatShape, mismatch } from "./host/shapes.js";

const { fround } = Math;

/** Equal steps over a range, moved a little so that 0 is one of them. */
interface Steps {
  readonly low: number;
  readonly high: number;
  readonly size: number;
}

/** The steps of TensorFlow's fake quantization: 2^bits of them, one fewer for a narrow range. */
function stepsOf(min: number, max: number, node: GraphNode): Steps {
  const bits = intAttribute(node, "num_bits", 8);
  const first = boolAttribute(node, "narrow_range", false) ? 1 : 0;
  const last = 2 ** bits - 1;
  const size = fround(fround(max - min) / (last - first));
  const zero = fround(first - fround(min / size));
  const nudged = zero < first ? first : zero > last ? last : Math.round(zero);
  return { low: fround((first - nudged) * size), high: fround((last - nudged) * size), size };
}

/** The nearest step to a value; half goes up. */
function quantized(value: number, { low, high, size }: Steps): number {
  const clamped = fround(Math.min(Math.max(value, low), high) - low);
  return fround(Math.floor(fround(fround(clamped * fround(1 / size)) + 0.5)) * size) + low;
}

function eachOf(x: Tensor, compute: (value: number, at: number) => number): Tensor {
  const result = blank(x.dtype, x.shape);
  const [source, target] = [numbersOf(x), elementsOf(result)];
  for (let at = 0; at < source.length; at++) target[at] = compute(source[at] ?? 0, at);
  return result;
}

const byArguments: KernelFactory = (node) => {
  const steps = stepsOf(floatAttribute(node, "min", -6), floatAttribute(node, "max", 6), node);
  return onHost((x) => eachOf(x, (value) => quantized(value, steps)));
};

/** A range for the whole, or for each channel; a range of nothing makes everything 0. */
const byRanges: KernelFactory = (node) =>
  onHost((x, min, max) => {
    const [lows, highs] = [numbersOf(min), numbersOf(max)];
    const isPerChannel = min.shape.length === 1;
    if (isPerChannel && (min.shape[0] !== x.shape.at(-1) || max.shape[0] !== x.shape.at(-1))) {
      throw mismatch(`ranges ${formatShape(min.shape)} do not go with the channels of ${formatShape(x.shape)}`);
    }
    const steps = Array.from(lows, (low, channel): Steps | undefined => {
      const high = highs[channel] ?? 0;
      return low === 0 && high === 0 ? undefined : stepsOf(low, high, node);
    });
    return eachOf(x, (value, at) => {
      const own = steps[at % steps.length];
      return own === undefined ? 0 : quantized(value, own);
    });
  });

interface Rounding {
  readonly bits: number;
  readonly isSigned: boolean;
  readonly isNarrow: boolean;
  readonly isHalfUp: boolean;
}

/** Scales a range so that it has 2^bits steps around 0, rounds to them, and scales back. */
function roundTrip(x: Tensor, [min, max]: readonly [number, number], how: Rounding): Tensor {
  const { bits, isSigned, isNarrow, isHalfUp } = how;
  const least = isSigned ? -(2 ** (bits - 1)) + (isNarrow ? 1 : 0) : 0;
  const most = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const [fromLow, fromHigh] = [least * min > 0 ? least / min : Infinity, most * max > 0 ? most / max : Infinity];
  const scale = Math.min(fromLow, fromHigh);
  if (!Number.isFinite(scale)) return x;
  const [low, high] = fromLow < fromHigh ? [min, most / scale] : [least / scale, max];
  return eachOf(x, (value) => {
    const scaled = Math.min(Math.max(value, low), high) * scale;
    return (isHalfUp ? Math.floor(scaled + 0.5) : toEven(scaled)) / scale;
  });
}

function toEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function extremes(x: Tensor): readonly [number, number] {
  const all = numbersOf(x);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < all.length; at++) {
    least = Math.min(least, all[at] ?? 0);
    most = Math.max(most, all[at] ?? 0);
  }
  return [Math.min(least, 0), Math.max(most, 0)];
}

function roundTripping(bitsOf: (node: GraphNode, given: Tensor | undefined) => number): KernelFactory {
  return (node): Kernel => {
    dtypeAmong(node, "T", DTYPES.floating);
    if (intAttribute(node, "axis", -1) !== -1) throw unsupported("axis");
    const isGiven = boolAttribute(node, "range_given", node.op === "QuantizeAndDequantizeV3");
    const how = {
      isSigned: boolAttribute(node, "signed_input", true),
      isNarrow: boolAttribute(node, "narrow_range", false),
      isHalfUp: textAttribute(node, "round_mode", "HALF_TO_EVEN") === "HALF_UP",
    };
    return onHost((x, min, max, ...rest) => {
      const range = isGiven ? ([Number(min.data[0]), Number(max.data[0])] as const) : extremes(x);
      return roundTrip(x, range, { ...how, bits: bitsOf(node, rest[0]) });
    });
  };
}

const byAttribute = roundTripping((node) => intAttribute(node, "num_bits", 8));

/** Operations that round floats to what a quantized type could hold, and stay floats. */
export const QUANTIZATION: KernelTable = {
  FakeQuantWithMinMaxArgs: byArguments,
  FakeQuantWithMinMaxVars: byRanges,
  FakeQuantWithMinMaxVarsPerChannel: byRanges,
  QuantizeAndDequantizeV2: byAttribute,
  QuantizeAndDequantizeV3: roundTripping((_node, bits) => Number(bits?.data[0] ?? 8)),
  QuantizeAndDequantizeV4: byAttribute,
};
