import { checkedBytes, type Image } from "../image.js";
import { greyOf, type ToGrey } from "./grey.js";
import { ALPHA, COLOR, PALETTE, type PngFile, readPng } from "./png-file.js";
import { samplesOf } from "./samples.js";

/** What a decoded PNG image should be. */
export interface PngForm {
  /** 1 grey, 2 grey and alpha, 3 color, 4 color and alpha; 0 for what the file has. */
  readonly channels: number;
  /** Bits of a sample of the result. */
  readonly bits: 8 | 16;
}

/**
 * Decodes a PNG image. Colors become grey as libpng makes them so; 16 bits become 8 by leaving out the lower ones.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, or an image that is too large
 */
export function decodePng(bytes: Uint8Array, { channels: wanted, bits }: PngForm): Image {
  const file = readPng(bytes);
  const { width, height } = file;
  const channels = wanted === 0 ? ownChannels(file) : wanted;
  checkedBytes("PNG", { height, width, pixelBytes: (Math.max(channels, 4) * bits) / 8 });
  // TensorFlow's alpha for a file that has none is the greatest sample of the file, which is not scaled.
  const opaque = (1 << file.depth) - 1;
  const grey = greyOf(file, file.depth === 16, bits);
  return withBits(withChannels(expanded(file, channels % 2 === 0), { channels, opaque, grey }), bits);
}

/** What a file has; a color that is transparent counts with a palette only. */
function ownChannels({ colorType, transparency }: PngFile): number {
  if ((colorType & PALETTE) !== 0) return transparency === undefined ? 3 : 4;
  return ((colorType & COLOR) === 0 ? 1 : 3) + ((colorType & ALPHA) === 0 ? 0 : 1);
}

/** Samples of 8 or 16 bits, without a palette. */
function expanded(file: PngFile, wantsAlpha: boolean): Image {
  const samples = samplesOf(file);
  if ((file.colorType & PALETTE) !== 0) return fromPalette(samples, file);
  const image = wantsAlpha ? withTransparency(samples, file) : samples;
  if (file.depth >= 8) return image;
  // Grey, alone or with an alpha that is all or nothing.
  const scale = 255 / ((1 << file.depth) - 1);
  const { channels } = image;
  const data = image.data.map((value, at) => (at % channels === 0 ? value * scale : value));
  return { ...image, data };
}

function fromPalette({ height, width, data: indices }: Image, { palette, transparency }: PngFile): Image {
  const channels = transparency === undefined ? 3 : 4;
  const data = new Uint8Array(indices.length * channels);
  for (let pixel = 0, to = 0; pixel < indices.length; pixel++) {
    const index = indices[pixel] ?? 0;
    for (let channel = 0; channel < 3; channel++) data[to++] = palette[index * 3 + channel] ?? 0;
    if (transparency !== undefined) data[to++] = transparency[index] ?? 255;
  }
  return { height, width, channels, data };
}

/** Adds an alpha that is nothing where a pixel has the transparent color, if the file names one. */
function withTransparency(image: Image, { transparency, colorType }: PngFile): Image {
  const { height, width, channels, data: source } = image;
  if (transparency === undefined || (colorType & ALPHA) !== 0 || transparency.length < 2 * channels) return image;
  const color = Array.from({ length: channels }, (_, at) => {
    return ((transparency[2 * at] ?? 0) << 8) | (transparency[2 * at + 1] ?? 0);
  });
  const data = like(source, height * width * (channels + 1));
  const opaque = opaqueOf(image);
  for (let from = 0, to = 0; from < source.length; from += channels) {
    let isTransparent = true;
    for (let channel = 0; channel < channels; channel++) {
      const value = source[from + channel] ?? 0;
      isTransparent &&= value === color[channel];
      data[to++] = value;
    }
    data[to++] = isTransparent ? 0 : opaque;
  }
  return { height, width, channels: channels + 1, data };
}

interface Channels {
  readonly channels: number;
  /** The alpha of a pixel without one. */
  readonly opaque: number;
  readonly grey: ToGrey;
}

function withChannels(image: Image, { channels, opaque, grey }: Channels): Image {
  if (image.channels === channels) return image;
  const { height, width, channels: had, data: source } = image;
  const data = like(source, height * width * channels);
  for (let from = 0, to = 0; from < source.length; from += had) {
    const red = source[from] ?? 0;
    const green = had > 2 ? (source[from + 1] ?? 0) : red;
    const blue = had > 2 ? (source[from + 2] ?? 0) : red;
    if (channels > 2) {
      data[to++] = red;
      data[to++] = green;
      data[to++] = blue;
    } else data[to++] = grey(red, green, blue);
    if (channels % 2 === 0) data[to++] = had % 2 === 0 ? (source[from + had - 1] ?? 0) : opaque;
  }
  return { height, width, channels, data };
}

function withBits(image: Image, bits: 8 | 16): Image {
  const isWide = image.data instanceof Uint16Array;
  if (isWide === (bits === 16)) return image;
  const data = isWide
    ? Uint8Array.from(image.data, (value) => value >> 8)
    : Uint16Array.from(image.data, (value) => value * 257);
  return { ...image, data };
}

function like(data: Image["data"], length: number): Image["data"] {
  return data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}

function opaqueOf({ data }: Image): number {
  return data instanceof Uint16Array ? 0xffff : 0xff;
}
