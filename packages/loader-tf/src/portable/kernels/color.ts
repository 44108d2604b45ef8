import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { blank, elementsOf, numbersOf } from "./host/elements.js";
import { formatShape, mismatch } from "./host/shapes.js";

type Color = readonly [number, number, number];

/** Hue, saturation and value, each from 0 to 1. */
function toHsv([red, green, blue]: Color): Color {
  const value = Math.max(red, green, blue);
  const spread = value - Math.min(red, green, blue);
  const saturation = value > 0 ? spread / value : 0;
  if (spread <= 0) return [0, saturation, value];
  const sixth = 1 / (6 * spread);
  let hue = sixth * (red - green) + 4 / 6;
  if (red === value) hue = sixth * (green - blue);
  else if (green === value) hue = sixth * (blue - red) + 2 / 6;
  return [hue < 0 ? hue + 1 : hue, saturation, value];
}

function toRgb([hue, saturation, value]: Color): Color {
  const share = (from: number): number => {
    const sector = hue * 6;
    const rest = Math.abs(sector - 3);
    const ramp = from === 0 ? rest - 1 : from === 1 ? 2 - Math.abs(sector - 2) : 2 - Math.abs(sector - 4);
    return (1 - saturation + saturation * Math.min(Math.max(ramp, 0), 1)) * value;
  };
  return [share(0), share(1), share(2)];
}

function eachColor(x: Tensor, change: (color: Color) => Color): Tensor {
  if (x.shape.at(-1) !== 3) throw mismatch(`colors need three channels, got ${formatShape(x.shape)}`);
  const result = blank(x.dtype, x.shape);
  const [source, target] = [numbersOf(x), elementsOf(result)];
  for (let at = 0; at < source.length; at += 3) {
    const color = change([source[at] ?? 0, source[at + 1] ?? 0, source[at + 2] ?? 0]);
    for (const [channel, value] of color.entries()) target[at + channel] = value;
  }
  return result;
}

function coloring(compute: (x: Tensor, ...rest: readonly Tensor[]) => Tensor): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.floating);
    return onHost(compute);
  };
}

function adjustHue(x: Tensor, delta?: Tensor): Tensor {
  const by = Number(delta?.data[0]);
  return eachColor(x, (color) => {
    const [hue, saturation, value] = toHsv(color);
    const turned = hue + by;
    return toRgb([turned - Math.floor(turned), saturation, value]);
  });
}

function adjustSaturation(x: Tensor, scale?: Tensor): Tensor {
  const by = Number(scale?.data[0]);
  return eachColor(x, (color) => {
    const [hue, saturation, value] = toHsv(color);
    return toRgb([hue, Math.min(Math.max(saturation * by, 0), 1), value]);
  });
}

/** Moves each channel of each image away from its mean. */
function adjustContrast(x: Tensor, factor?: Tensor): Tensor {
  if (x.shape.length < 3) throw mismatch(`contrast is of images, got ${formatShape(x.shape)}`);
  const by = Number(factor?.data[0]);
  const channels = x.shape.at(-1) ?? 0;
  const pixels = sizeOf(x.shape.slice(-3, -1));
  const result = blank(x.dtype, x.shape);
  const [source, target] = [numbersOf(x), elementsOf(result)];
  for (let image = 0; image < source.length; image += pixels * channels) {
    for (let channel = 0; channel < channels; channel++) {
      const at = (pixel: number): number => image + pixel * channels + channel;
      let sum = 0;
      for (let pixel = 0; pixel < pixels; pixel++) sum += source[at(pixel)] ?? 0;
      const mean = sum / pixels;
      for (let pixel = 0; pixel < pixels; pixel++) target[at(pixel)] = ((source[at(pixel)] ?? 0) - mean) * by + mean;
    }
  }
  return result;
}

/** Operations on the colors of images. */
export const COLOR: KernelTable = {
  AdjustContrastv2: coloring(adjustContrast),
  AdjustHue: coloring(adjustHue),
  AdjustSaturation: coloring(adjustSaturation),
  HSVToRGB: coloring((x) => eachColor(x, toRgb)),
  RGBToHSV: coloring((x) => eachColor(x, toHsv)),
};
