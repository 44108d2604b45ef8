import { joinBytes, textOf } from "../../kernels/host/bytes.js";
import { ByteSource } from "../byte-source.js";
import { damaged } from "../image.js";

/** A frame of a GIF image as its file has it, still compressed. */
export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isInterlaced: boolean;
  /** Red, green and blue of each entry. */
  readonly palette: Uint8Array;
  /** The entry that leaves what was there before. */
  readonly transparent: number | undefined;
  /** Bits of an index. */
  readonly depth: number;
  readonly compressed: Uint8Array;
}

const EXTENSION = 0x21;
const FRAME = 0x2c;
const END = 0x3b;
const GRAPHIC_CONTROL = 0xf9;

/** Whether bytes begin as a GIF file does. */
export function isGif(bytes: Uint8Array): boolean {
  return /^GIF8[79]a$/.test(textOf(bytes.subarray(0, 6)));
}

/**
 * Takes a GIF file apart (CompuServe, GIF89a specification).
 * @throws ServingError INVALID_ARGUMENT if it is none
 */
export function readGif(bytes: Uint8Array): GifFrame[] {
  if (!isGif(bytes)) throw damaged("GIF", "it does not begin as GIF does");
  const source = new ByteSource(bytes, "GIF");
  source.seek(10);
  const [flags = 0] = source.take(3);
  const shared = readPalette(source, flags);
  const frames: GifFrame[] = [];
  let transparent: number | undefined;
  for (;;) {
    const kind = source.uint8();
    if (kind === END) break;
    if (kind === EXTENSION) {
      const label = source.uint8();
      const [control = 0, , , index] = readBlocks(source);
      if (label === GRAPHIC_CONTROL) transparent = (control & 1) === 1 ? index : undefined;
    } else if (kind === FRAME) {
      frames.push(readFrame(source, shared, transparent));
      transparent = undefined;
    } else throw damaged("GIF", `there is no block ${kind}`);
  }
  if (frames.length === 0) throw damaged("GIF", "it has no frames");
  return frames;
}

function readPalette(source: ByteSource, flags: number): Uint8Array | undefined {
  return (flags & 0x80) === 0 ? undefined : source.take(3 * (2 << (flags & 7)));
}

function readFrame(source: ByteSource, shared: Uint8Array | undefined, transparent: number | undefined): GifFrame {
  const [x, y] = [source.uint16(true), source.uint16(true)];
  const [width, height] = [source.uint16(true), source.uint16(true)];
  const flags = source.uint8();
  const palette = readPalette(source, flags) ?? shared;
  if (palette === undefined) throw damaged("GIF", "a frame of it has no palette");
  const depth = source.uint8();
  if (depth < 1 || depth > 8) throw damaged("GIF", `indices of ${depth} bits are not supported`);
  const isInterlaced = (flags & 0x40) !== 0;
  return { x, y, width, height, isInterlaced, palette, transparent, depth, compressed: readBlocks(source) };
}

/** Data comes in blocks of up to 255 bytes, of which an empty one is the last. */
function readBlocks(source: ByteSource): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let length = source.uint8(); length > 0; length = source.uint8()) blocks.push(source.take(length));
  return joinBytes(blocks);
}
