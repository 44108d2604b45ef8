import { joinBytes, textOf } from "../../kernels/host/bytes.js";
import { ByteSource } from "../byte-source.js";
import { damaged } from "../image.js";

/** What the bits of PNG's colour type mean. */
export const PALETTE = 1;
export const COLOR = 2;
export const ALPHA = 4;

/** A PNG image as its file has it, still compressed. */
export interface PngFile {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** Bits: {@link PALETTE}, {@link COLOR}, {@link ALPHA}. */
  readonly colorType: number;
  readonly isInterlaced: boolean;
  /** Red, green and blue of each entry. */
  readonly palette: Uint8Array;
  /** The tRNS chunk: the alpha of each entry, or the color that is transparent. */
  readonly transparency: Uint8Array | undefined;
  /** The power that samples are of the light; undefined for none, or next to 1. */
  readonly gamma: number | undefined;
  readonly compressed: Uint8Array;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** As libpng has it: millions of rows of one pixel would take for ever. */
const MAX_SIDE = 1_000_000;

/** Bits a sample may have, by colour type. */
const DEPTHS: Partial<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  [COLOR]: [8, 16],
  [PALETTE | COLOR]: [1, 2, 4, 8],
  [ALPHA]: [8, 16],
  [ALPHA | COLOR]: [8, 16],
};

/** Whether bytes begin as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/**
 * Takes a PNG file apart (ISO/IEC 15948). Chunks that pixels do not hang on are passed over.
 * @throws ServingError INVALID_ARGUMENT if it is none
 */
export function readPng(bytes: Uint8Array): PngFile {
  if (!isPng(bytes)) throw damaged("PNG", "it does not begin as PNG does");
  const source = new ByteSource(bytes, "PNG");
  source.seek(SIGNATURE.length);
  const header = readHeader(nextChunk(source));
  const data: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  let gamma: number | undefined;
  let isStandard = false;
  for (let isEnd = false; !isEnd && (source.remaining > 0 || data.length === 0); ) {
    const { type, content, isWhole } = nextChunk(source);
    // A file that breaks off after its pixels has them all the same.
    const isNeeded = /^[A-Z]/.test(type);
    if (isNeeded && !isWhole) throw damaged("PNG", `chunk ${type} does not have the checksum that it should`);
    if (type === "IEND") isEnd = true;
    else if (type === "IDAT") data.push(content);
    else if (type === "PLTE") palette = content;
    else if (type === "tRNS" && isWhole && data.length === 0) transparency = content;
    else if (type === "gAMA" && isWhole && data.length === 0) gamma = gammaOf(content);
    else if (type === "sRGB" && isWhole && data.length === 0) isStandard = true;
    else if (isNeeded) throw damaged("PNG", `there is no chunk ${type}`);
  }
  if (data.length === 0) throw damaged("PNG", "it has no pixels");
  const isPalette = (header.colorType & PALETTE) !== 0;
  if (isPalette && (palette === undefined || palette.length % 3 > 0)) throw damaged("PNG", "it has no palette");
  return {
    ...header,
    palette: palette ?? new Uint8Array(0),
    transparency,
    gamma: isStandard ? STANDARD_GAMMA : gamma,
    compressed: joinBytes(data),
  };
}

/** The gamma of sRGB, as PNG has it. */
const STANDARD_GAMMA = 0.45455;
/** What libpng takes for 1. */
const ABOUT_ONE = 0.05;

function gammaOf(content: Uint8Array): number | undefined {
  const gamma = new ByteSource(content, "PNG").uint32() / 100_000;
  return gamma === 0 || Math.abs(gamma - 1) <= ABOUT_ONE ? undefined : gamma;
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
  /** Whether its checksum is right. */
  readonly isWhole: boolean;
}

function nextChunk(source: ByteSource): Chunk {
  const length = source.uint32();
  const named = source.take(4 + length);
  const type = textOf(named.subarray(0, 4));
  return { type, content: named.subarray(4), isWhole: source.uint32() === checksum(named) };
}

type Header = Pick<PngFile, "width" | "height" | "depth" | "colorType" | "isInterlaced">;

function readHeader({ type, content, isWhole }: Chunk): Header {
  if (type !== "IHDR" || content.length !== 13 || !isWhole) throw damaged("PNG", "it has no header");
  const source = new ByteSource(content, "PNG");
  const [width, height] = [source.uint32(), source.uint32()];
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw damaged("PNG", `${width} by ${height} pixels are more than ${MAX_SIDE} a side`);
  }
  const [depth = 0, colorType = 0, compression, filter, interlace = 0] = source.take(5);
  if (DEPTHS[colorType]?.includes(depth) !== true) throw damaged("PNG", `color type ${colorType} has no ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) throw damaged("PNG", "it is coded in no known way");
  return { width, height, depth, colorType, isInterlaced: interlace === 1 };
}

/** CRC-32 of each byte. */
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function checksum(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) rest = (rest >>> 8) ^ (CHECKSUMS[(rest ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return (rest ^ 0xffffffff) >>> 0;
}
