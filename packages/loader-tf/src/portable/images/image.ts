import type { ServingError } from "@servable/core";
import { mismatch } from "../kernels/host/shapes.js";

/** A decoded image: rows from the top, channels of a pixel side by side, 8 or 16 bits each. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

/** What an image takes, before it is there. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  /** Bytes of one pixel. */
  readonly pixelBytes: number;
}

/** A small file may claim to be an image of any size: none is larger than this. */
const MAX_BYTES = 2 ** 28;

/** Bytes that are not an image of that format. */
export function damaged(format: string, reason: string): ServingError {
  return mismatch(`the ${format} image cannot be decoded: ${reason}`);
}

/**
 * The bytes of an image, checked before anything is allocated.
 * @throws ServingError INVALID_ARGUMENT for an image without pixels, or of more than 256 MiB
 */
export function checkedBytes(format: string, { height, width, pixelBytes }: ImageSize): number {
  if (!(height > 0 && width > 0)) throw damaged(format, `it is ${width} pixels wide and ${height} high`);
  const bytes = height * width * pixelBytes;
  if (bytes <= MAX_BYTES) return bytes;
  throw damaged(format, `${width} by ${height} pixels are more than ${MAX_BYTES / 2 ** 20} MiB`);
}
