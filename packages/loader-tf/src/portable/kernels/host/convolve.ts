import { sizeOf, type Tensor } from "@servable/core";
import { checkedLength, spend } from "./allowance.js";
import { blank, elementsOf, numbersOf } from "./elements.js";
import { checkedShape } from "./shapes.js";
import { eachTap, type Geometry, withDepth } from "./window.js";

/** [batch, depth, height, width, channels] or without the depth; both are walked over alike. */
function spatial(geometry: Geometry): Geometry {
  return geometry.input.length === 2 ? withDepth(geometry) : geometry;
}

/**
 * Convolves images `[batch, …sizes, channels]` with a filter `[…window, channels / groups, outputs]`: each group of
 * channels goes to as many outputs. Sums are in float64.
 */
export function convolve(x: Tensor, filter: Tensor, geometry: Geometry): Tensor {
  const batch = x.shape[0] ?? 0;
  const channels = x.shape.at(-1) ?? 0;
  const [perGroup = 1, outputs = 1] = filter.shape.slice(-2);
  const groups = channels / perGroup;
  const outputsPerGroup = outputs / groups;
  const [source, weights] = [numbersOf(x), numbersOf(filter)];
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const sums = sumsFor([batch, outputSize, outputs]);
  for (let image = 0; image < batch; image++) {
    eachTap(spatial(geometry), (output, input, tap) => {
      const to = (image * outputSize + output) * outputs;
      const from = (image * inputSize + input) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const group = Math.floor(channel / perGroup);
        const weight = (tap * perGroup + (channel % perGroup)) * outputs;
        const value = source[from + channel] ?? 0;
        for (let at = group * outputsPerGroup; at < (group + 1) * outputsPerGroup; at++) {
          sums[to + at] = (sums[to + at] ?? 0) + value * (weights[weight + at] ?? 0);
        }
      }
    });
  }
  return written(x, [batch, ...geometry.output, outputs], sums);
}

/** What {@link convolve} makes of `shape`, the other way round: spreads each output over what it came from. */
export function convolveBack(y: Tensor, filter: Tensor, geometry: Geometry, channels: number): Tensor {
  const batch = y.shape[0] ?? 0;
  const [perGroup = 1, outputs = 1] = filter.shape.slice(-2);
  const outputsPerGroup = outputs / (channels / perGroup);
  const [source, weights] = [numbersOf(y), numbersOf(filter)];
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const sums = sumsFor([batch, inputSize, channels]);
  for (let image = 0; image < batch; image++) {
    eachTap(spatial(geometry), (output, input, tap) => {
      const from = (image * outputSize + output) * outputs;
      const to = (image * inputSize + input) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const group = Math.floor(channel / perGroup);
        const weight = (tap * perGroup + (channel % perGroup)) * outputs;
        let sum = 0;
        for (let at = group * outputsPerGroup; at < (group + 1) * outputsPerGroup; at++) {
          sum += (source[from + at] ?? 0) * (weights[weight + at] ?? 0);
        }
        sums[to + channel] = (sums[to + channel] ?? 0) + sum;
      }
    });
  }
  return written(y, [batch, ...geometry.input, channels], sums);
}

/** What is left of the elements under a window. */
export type Pooling = "average" | "largest";

/** Pools images `[batch, …sizes, channels]`, each channel by itself. */
export function pool(x: Tensor, geometry: Geometry, pooling: Pooling): Tensor {
  const [batch = 0, channels = 0] = [x.shape[0], x.shape.at(-1)];
  const source = numbersOf(x);
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const start = pooling === "average" ? 0 : Number.NEGATIVE_INFINITY;
  const sums = sumsFor([batch, outputSize, channels]).fill(start);
  const counts = sumsFor([outputSize]);
  for (let image = 0; image < batch; image++) {
    eachTap(spatial(geometry), (output, input) => {
      if (image === 0) counts[output] = (counts[output] ?? 0) + 1;
      const to = (image * outputSize + output) * channels;
      const from = (image * inputSize + input) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const [sum, value] = [sums[to + channel] ?? 0, source[from + channel] ?? 0];
        sums[to + channel] = pooling === "average" ? sum + value : Math.max(sum, value);
      }
    });
  }
  if (pooling === "average") {
    for (let at = 0; at < sums.length; at++) {
      sums[at] = (sums[at] ?? 0) / (counts[Math.floor(at / channels) % outputSize] ?? 1);
    }
  }
  return written(x, [batch, ...geometry.output, channels], sums);
}

/**
 * The largest elements under each window, and where they lie in the image (with `withBatch` in all images), as int64.
 */
export function poolWithPositions(x: Tensor, geometry: Geometry, withBatch: boolean): [Tensor, number[]] {
  const [batch = 0, channels = 0] = [x.shape[0], x.shape.at(-1)];
  const source = numbersOf(x);
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const best = blank(x.dtype, [batch, ...geometry.output, channels]);
  const values = elementsOf(best);
  const positions: number[] = Array.from({ length: checkedLength(batch * outputSize * channels) }, () => -1);
  for (let image = 0; image < batch; image++) {
    eachTap(spatial(geometry), (output, input) => {
      for (let channel = 0; channel < channels; channel++) {
        const to = (image * outputSize + output) * channels + channel;
        const value = source[(image * inputSize + input) * channels + channel] ?? 0;
        if (positions[to] !== -1 && !(value > Number(values[to]))) continue;
        values[to] = value;
        positions[to] = ((withBatch ? image * inputSize : 0) + input) * channels + channel;
      }
    });
  }
  return [best, positions];
}

/** The dilation of images by a filter `[height, width, channels]`: the largest sum of both under each window. */
export function dilate(x: Tensor, filter: Tensor, geometry: Geometry): Tensor {
  const [batch = 0, channels = 0] = [x.shape[0], x.shape.at(-1)];
  const [source, weights] = [numbersOf(x), numbersOf(filter)];
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const best = sumsFor([batch, outputSize, channels]).fill(Number.NEGATIVE_INFINITY);
  for (let image = 0; image < batch; image++) {
    eachTap(spatial(geometry), (output, input, tap) => {
      for (let channel = 0; channel < channels; channel++) {
        const to = (image * outputSize + output) * channels + channel;
        const from = (image * inputSize + input) * channels + channel;
        const sum = (source[from] ?? 0) + (weights[tap * channels + channel] ?? 0);
        best[to] = Math.max(best[to] ?? 0, sum);
      }
    });
  }
  return written(x, [batch, ...geometry.output, channels], best);
}

function written({ dtype }: Tensor, shape: readonly number[], values: Float64Array): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  for (let at = 0; at < values.length; at++) target[at] = values[at];
  return result;
}

function sumsFor(shape: readonly number[]): Float64Array {
  const size = sizeOf(checkedShape(shape));
  spend(size * Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(size);
}
