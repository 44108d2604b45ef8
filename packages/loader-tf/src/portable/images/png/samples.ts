import { checkedBytes, damaged, type Image } from "../image.js";
import { inflate } from "../inflate.js";
import { ALPHA, COLOR, PALETTE, type PngFile } from "./png-file.js";

/** Pixels of one pass of an interlaced image: every `stepX`-th from `x` on, and so downwards. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const WHOLE: Pass = { x: 0, y: 0, stepX: 1, stepY: 1 };
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

/**
 * The samples of a PNG image as the file has them: not scaled to 8 bits, and indices where there is a palette.
 * @throws ServingError INVALID_ARGUMENT if they are not there, or too many
 */
export function samplesOf(file: PngFile): Image {
  const { width, height, depth, colorType } = file;
  const channels = channelsOf(colorType);
  checkedBytes("PNG", { height, width, pixelBytes: channels * (depth > 8 ? 2 : 1) });
  const passes = (file.isInterlaced ? ADAM7 : [WHOLE]).map((pass) => {
    const columns = Math.ceil(Math.max(width - pass.x, 0) / pass.stepX);
    const rows = columns > 0 ? Math.ceil(Math.max(height - pass.y, 0) / pass.stepY) : 0;
    return { pass, columns, rows, rowBytes: Math.ceil((columns * channels * depth) / 8) };
  });
  const raw = inflate(
    file.compressed,
    passes.reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0),
  );
  const size = height * width * channels;
  const data = depth > 8 ? new Uint16Array(size) : new Uint8Array(size);
  const pixelBytes = Math.ceil((channels * depth) / 8);
  let from = 0;
  for (const { pass, columns, rows, rowBytes } of passes) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(from + 1, from + 1 + rowBytes);
      unfilter({ filter: raw[from] ?? 0, line, above, pixelBytes });
      above = line;
      from += rowBytes + 1;
      const start = ((pass.y + row * pass.stepY) * width + pass.x) * channels;
      const target = data.subarray(start);
      spread({ line, depth, columns, channels, step: pass.stepX * channels }, target);
    }
  }
  return { height, width, channels, data };
}

function channelsOf(colorType: number): number {
  if ((colorType & PALETTE) !== 0) return 1;
  return ((colorType & COLOR) === 0 ? 1 : 3) + ((colorType & ALPHA) === 0 ? 0 : 1);
}

interface FilteredLine {
  readonly filter: number;
  readonly line: Uint8Array;
  /** The line before, unfiltered. */
  readonly above: Uint8Array;
  /** How far to the left the byte lies that a byte is compared with. */
  readonly pixelBytes: number;
}

/** Undoes a line's filter in place. */
function unfilter({ filter, line, above, pixelBytes }: FilteredLine): void {
  if (filter === 0) return;
  if (filter > 4) throw damaged("PNG", `there is no filter ${filter}`);
  for (let at = 0; at < line.length; at++) {
    const left = line[at - pixelBytes] ?? 0;
    const up = above[at] ?? 0;
    const guess =
      filter === 1
        ? left
        : filter === 2
          ? up
          : filter === 3
            ? (left + up) >> 1
            : nearest(left, up, above[at - pixelBytes] ?? 0);
    line[at] = (line[at] ?? 0) + guess;
  }
}

/** Which of three neighbors is nearest to left + up - corner; the first of equals. */
function nearest(left: number, up: number, corner: number): number {
  const fromLeft = Math.abs(up - corner);
  const fromUp = Math.abs(left - corner);
  const fromCorner = Math.abs(left + up - 2 * corner);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) return left;
  return fromUp <= fromCorner ? up : corner;
}

interface PackedLine {
  readonly line: Uint8Array;
  readonly depth: number;
  readonly columns: number;
  readonly channels: number;
  /** Samples from one pixel of the target to the next. */
  readonly step: number;
}

/** Writes the samples of a line where their pixels lie. */
function spread({ line, depth, columns, channels, step }: PackedLine, target: Uint8Array | Uint16Array): void {
  const mask = (1 << depth) - 1;
  for (let column = 0, sample = 0; column < columns; column++) {
    for (let channel = 0; channel < channels; channel++, sample++) {
      const to = column * step + channel;
      if (depth === 8) target[to] = line[sample] ?? 0;
      else if (depth === 16) target[to] = ((line[2 * sample] ?? 0) << 8) | (line[2 * sample + 1] ?? 0);
      else target[to] = ((line[(sample * depth) >> 3] ?? 0) >> (8 - depth - ((sample * depth) & 7))) & mask;
    }
  }
}
