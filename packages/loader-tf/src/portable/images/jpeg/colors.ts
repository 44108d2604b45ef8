import { clamped } from "./inverse-cosine.js";
import type { JpegFile } from "./jpeg-file.js";

/** What the components of an image are. */
export type ColorSpace = "grey" | "rgb" | "ycc" | "cmyk" | "ycck";

/** What the components are, by the marks that programs leave; undefined for what no program writes. */
export function colorSpaceOf({ frame, isJfif, adobeTransform }: JpegFile): ColorSpace | undefined {
  const { components } = frame;
  if (components.length === 1) return "grey";
  if (components.length === 4) return adobeTransform === 2 ? "ycck" : "cmyk";
  if (components.length !== 3) return undefined;
  if (isJfif) return "ycc";
  if (adobeTransform !== undefined) return adobeTransform === 0 ? "rgb" : "ycc";
  return String.fromCharCode(...components.map(({ id }) => id)) === "RGB" ? "rgb" : "ycc";
}

/** Turns a row of each component into a row of pixels, from `to` on. */
export type RowConverter = (rows: readonly Uint8Array[], target: Uint8Array, to: number) => void;

/** The conversion from a color space to one or three channels. */
export function rowConverter(space: ColorSpace, channels: number, isInverted: boolean): RowConverter {
  const pixels = pixelsOf(space, isInverted);
  if (channels === 3) return pixels;
  if (space === "grey" || space === "ycc") {
    return ([grey = NOTHING], target, to) => {
      target.set(grey, to);
    };
  }
  return (rows, target, to) => {
    const colors = new Uint8Array((rows[0]?.length ?? 0) * 3);
    pixels(rows, colors, 0);
    for (let from = 0, at = to; from < colors.length; from += 3) {
      const [red = 0, green = 0, blue = 0] = [colors[from], colors[from + 1], colors[from + 2]];
      target[at++] = (red * 19_595 + green * 38_470 + blue * 7_471 + 32_768) >> 16;
    }
  };
}

function pixelsOf(space: ColorSpace, isInverted: boolean): RowConverter {
  switch (space) {
    case "grey":
      return ([grey = NOTHING], target, to) => interleave([grey, grey, grey], target, to);
    case "rgb":
      return interleave;
    case "ycc":
      return fromDifferences;
    case "cmyk":
      return (rows, target, to) => {
        interleave(rows.slice(0, 3), target, to);
        print({ black: rows[3] ?? NOTHING, isInverted }, target, to);
      };
    case "ycck":
      return (rows, target, to) => {
        fromDifferences(rows, target, to);
        for (let at = to, end = to + 3 * (rows[0]?.length ?? 0); at < end; at++) target[at] = 255 - (target[at] ?? 0);
        print({ black: rows[3] ?? NOTHING, isInverted }, target, to);
      };
  }
}

const NOTHING = new Uint8Array(0);

function interleave(rows: readonly Uint8Array[], target: Uint8Array, to: number): void {
  for (const [channel, row] of rows.entries()) {
    for (let at = 0; at < row.length; at++) target[to + 3 * at + channel] = row[at] ?? 0;
  }
}

/** Brightness and two differences to red, green and blue (ITU T.871), with 16 bits behind the point. */
function fromDifferences(
  [luma = NOTHING, blues = NOTHING, reds = NOTHING]: readonly Uint8Array[],
  target: Uint8Array,
  start: number,
): void {
  for (let at = 0, to = start; at < luma.length; at++) {
    const bright = luma[at] ?? 0;
    const blue = (blues[at] ?? 0) - 128;
    const red = (reds[at] ?? 0) - 128;
    target[to++] = clamped(bright + ((91_881 * red + 32_768) >> 16));
    target[to++] = clamped(bright + ((32_768 - 22_554 * blue - 46_802 * red) >> 16));
    target[to++] = clamped(bright + ((116_130 * blue + 32_768) >> 16));
  }
}

interface Ink {
  readonly black: Uint8Array;
  readonly isInverted: boolean;
}

/** Takes black ink into account. Adobe's programs write how much light is left, others how much ink there is. */
function print({ black, isInverted }: Ink, target: Uint8Array, start: number): void {
  for (let at = 0; at < black.length; at++) {
    const left = isInverted ? (black[at] ?? 0) : 255 - (black[at] ?? 0);
    for (let to = start + 3 * at, end = to + 3; to < end; to++) {
      const ink = target[to] ?? 0;
      target[to] = Math.floor((left * (isInverted ? ink : 255 - ink)) / 255);
    }
  }
}
