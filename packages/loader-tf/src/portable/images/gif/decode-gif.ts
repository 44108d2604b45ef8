import { checkedBytes, damaged } from "../image.js";
import { type GifFrame, readGif } from "./gif-file.js";
import { unpackIndices } from "./unpack-indices.js";

/** Frames of one size, in red, green and blue. */
export interface Animation {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Rows of an interlaced frame, in the order in which they come. */
const PASSES = [
  { first: 0, step: 8 },
  { first: 4, step: 8 },
  { first: 2, step: 4 },
  { first: 1, step: 2 },
];

/**
 * Decodes a GIF image. What a frame does not cover, or covers with its transparent color, is as in the frame before; in the first
 * it is black.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, or an image that is too large
 */
export function decodeGif(bytes: Uint8Array): Animation {
  const frames = readGif(bytes);
  // A file may have more frames than a function can have arguments.
  const width = frames.reduce((most, frame) => Math.max(most, frame.width), 0);
  const height = frames.reduce((most, frame) => Math.max(most, frame.height), 0);
  const frameBytes = checkedBytes("GIF", { height, width, pixelBytes: 3 });
  checkedBytes("GIF", { height: height * frames.length, width, pixelBytes: 3 });
  const data = new Uint8Array(frameBytes * frames.length);
  for (const [number, frame] of frames.entries()) {
    const start = number * frameBytes;
    if (number > 0) data.copyWithin(start, start - frameBytes, start);
    draw(frame, data.subarray(start, start + frameBytes), width);
  }
  return { frames: frames.length, height, width, data };
}

function draw(frame: GifFrame, target: Uint8Array, width: number): void {
  const { palette, transparent } = frame;
  const indices = unpackIndices(frame.compressed, frame.depth, frame.width * frame.height);
  const height = target.length / (width * 3);
  const columns = Math.min(frame.width, width - frame.x);
  for (const [from, row] of rowsOf(frame).entries()) {
    if (row + frame.y >= height) continue;
    for (let column = 0; column < columns; column++) {
      const index = indices[from * frame.width + column] ?? 0;
      if (index === transparent) continue;
      if (index * 3 >= palette.length) throw damaged("GIF", `there is no color ${index}`);
      const to = ((row + frame.y) * width + frame.x + column) * 3;
      for (let channel = 0; channel < 3; channel++) target[to + channel] = palette[index * 3 + channel] ?? 0;
    }
  }
}

function rowsOf({ height, isInterlaced }: GifFrame): number[] {
  const rows = Array.from({ length: height }, (_, row) => row);
  return isInterlaced ? PASSES.flatMap(({ first, step }) => rows.filter((row) => row % step === first)) : rows;
}
