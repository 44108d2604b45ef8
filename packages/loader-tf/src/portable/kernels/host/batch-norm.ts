import { sizeOf, type Tensor } from "@servable/core";
import { blank, elementsOf, numbersOf, tensorOfNumbers } from "./elements.js";
import { formatShape, mismatch } from "./shapes.js";

/** What a batch is brought to. */
export interface BatchNorm {
  readonly scale: Tensor;
  readonly offset: Tensor;
  readonly epsilon: number;
  /** Where the channels are: -1 or 1. */
  readonly channelAxis: -1 | 1;
}

/**
 * Brings each channel of a batch to mean 0 and variance 1, then scales and shifts it.
 * @returns the batch, the means and the variances (of the sample, divided by n - 1), and the two again for the gradient
 * @throws ServingError INVALID_ARGUMENT if scale or offset do not go with the channels
 */
export function normalizeBatch(x: Tensor, { scale, offset, epsilon, channelAxis }: BatchNorm): Tensor[] {
  const channels = x.shape.at(channelAxis) ?? 0;
  for (const { shape } of [scale, offset]) {
    if (shape.length === 1 && shape[0] === channels) continue;
    throw mismatch(`${formatShape(shape)} does not go with the channels of ${formatShape(x.shape)}`);
  }
  const inner = channelAxis === 1 ? sizeOf(x.shape.slice(2)) : 1;
  const [source, gains, shifts] = [numbersOf(x), numbersOf(scale), numbersOf(offset)];
  const count = channels === 0 ? 0 : source.length / channels;
  const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
  const channelOf = (at: number): number => Math.floor(at / inner) % channels;
  for (let at = 0; at < source.length; at++) {
    const channel = channelOf(at);
    means[channel] = (means[channel] ?? 0) + (source[at] ?? 0) / count;
  }
  for (let at = 0; at < source.length; at++) {
    const channel = channelOf(at);
    variances[channel] = (variances[channel] ?? 0) + ((source[at] ?? 0) - (means[channel] ?? 0)) ** 2 / count;
  }
  const factors = variances.map((variance, channel) => (gains[channel] ?? 0) / Math.sqrt(variance + epsilon));
  const result = blank(x.dtype, x.shape);
  const target = elementsOf(result);
  for (let at = 0; at < source.length; at++) {
    const channel = channelOf(at);
    target[at] = ((source[at] ?? 0) - (means[channel] ?? 0)) * (factors[channel] ?? 0) + (shifts[channel] ?? 0);
  }
  const mean = tensorOfNumbers("float32", [channels], means);
  const ofSample = variances.map((variance) => (count > 1 ? (variance * count) / (count - 1) : variance));
  return [
    result,
    mean,
    tensorOfNumbers("float32", [channels], ofSample),
    mean,
    tensorOfNumbers("float32", [channels], variances),
  ];
}
