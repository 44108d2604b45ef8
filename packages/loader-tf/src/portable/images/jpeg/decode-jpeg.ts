import { checkedBytes, damaged, type Image } from "../image.js";
import { colorSpaceOf, rowConverter } from "./colors.js";
import { BLOCK } from "./frame.js";
import { readJpeg } from "./jpeg-file.js";
import { type ComponentPlane, type PlaneForm, planesOf } from "./planes.js";
import { rowSampler } from "./upsampling.js";

/** What a decoded JPEG image should be. */
export interface JpegForm extends PlaneForm {
  /** 1 grey, 3 color; 0 for what the file has. */
  readonly channels: number;
  /** Whether colors lie between the samples that the file has, or are those of the nearest. */
  readonly isSmooth: boolean;
  /** Whether a file that breaks off is decoded as far as it goes. */
  readonly isRecovered: boolean;
  /** The part that is wanted; all if there is none. */
  readonly crop?: Crop;
}

/** A part of an image. */
export interface Crop {
  readonly y: number;
  readonly x: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Decodes a JPEG image, sequential or progressive, as libjpeg-turbo does.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, an image that is too large, or a crop beyond it
 */
export function decodeJpeg(bytes: Uint8Array, form: JpegForm): Image {
  const { ratio, isSmooth } = form;
  const file = readJpeg(bytes);
  if (!file.isWhole && !form.isRecovered) throw damaged("JPEG", "it is cut short");
  const { components } = file.frame;
  const space = colorSpaceOf(file);
  if (space === undefined) throw damaged("JPEG", `it has ${components.length} components`);
  if (components.length === 4 && form.channels === 1) throw damaged("JPEG", "colors for print cannot become grey");
  const channels = form.channels === 0 ? Math.min(components.length, 3) : form.channels;
  const whole = {
    y: 0,
    x: 0,
    height: Math.ceil(file.frame.height / ratio),
    width: Math.ceil(file.frame.width / ratio),
  };
  const { y, x, height, width } = form.crop ?? whole;
  if (y < 0 || x < 0 || height < 1 || width < 1 || y + height > whole.height || x + width > whole.width) {
    throw damaged("JPEG", `a crop of ${width} by ${height} at ${x}, ${y} lies outside of it`);
  }
  checkedBytes("JPEG", { height: whole.height, width: whole.width, pixelBytes: 3 });
  // A crop begins with a whole unit, and what lies beyond it does not bear on it: so colors at its edges are libjpeg's.
  const unit = (BLOCK / ratio) * file.frame.horizontal;
  const start = Math.floor(x / unit) * unit;
  const extent = x + width - start;
  const rows = planesOf(file, form).map((plane) => ({
    sample: rowSampler(columnsOf(plane, start, extent), isSmooth && ratio < BLOCK),
    row: new Uint8Array(extent),
  }));
  const convert = rowConverter(space, channels, file.adobeTransform !== undefined);
  const parts = rows.map(({ row }) => row.subarray(x - start));
  const data = new Uint8Array(height * width * channels);
  for (let line = 0; line < height; line++) {
    for (const { sample, row } of rows) sample(y + line, row);
    convert(parts, data, line * width * channels);
  }
  return { height, width, channels, data };
}

/** The samples of a component from one column of the image on. */
function columnsOf(plane: ComponentPlane, start: number, extent: number): ComponentPlane {
  const { data, across } = plane;
  return { ...plane, data: data.subarray(start / across), width: Math.ceil(extent / across) };
}
