import { ByteSource } from "../byte-source.js";
import { checkedBytes, damaged } from "../image.js";

/** Samples along an edge of a block. */
export const BLOCK = 8;
/** Coefficients of a block. */
export const BLOCK_SIZE = 64;
/** No scan has more blocks in one unit (ITU T.81, B.2.3). */
const MAX_UNIT_BLOCKS = 10;
/** A block takes bits; a short file may not claim to have more than this many for a byte. */
const MAX_BLOCKS_PER_BYTE = 32;

/** One component of an image, and its coefficients as far as they are read. */
export interface Component {
  readonly id: number;
  /** Samples in a unit of the image, across and down. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantizer: number;
  /** Blocks that have pixels. */
  readonly columns: number;
  readonly rows: number;
  /** Blocks from one row to the next: whole units. */
  readonly stride: number;
  /** 64 of each block, row by row, in natural order. */
  readonly coefficients: Int16Array;
}

/** The frame of a JPEG image. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  /** The most samples that a component has in a unit. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Units of the image, across and down. */
  readonly unitColumns: number;
  readonly unitRows: number;
  readonly components: readonly Component[];
}

/**
 * Reads a frame header, and makes room for the coefficients.
 * @param fileBytes how long the file is
 * @throws ServingError INVALID_ARGUMENT for a frame that cannot be decoded, is too large, or larger than the file can fill
 */
export function readFrame(segment: Uint8Array, isProgressive: boolean, fileBytes: number): Frame {
  const { width, height, specifications } = frameHeader(segment);
  const horizontal = Math.max(...specifications.map((each) => each.horizontal));
  const vertical = Math.max(...specifications.map((each) => each.vertical));
  const unitColumns = Math.ceil(width / (BLOCK * horizontal));
  const unitRows = Math.ceil(height / (BLOCK * vertical));
  const unitBlocks = specifications.reduce((sum, each) => sum + each.horizontal * each.vertical, 0);
  checkedBytes("JPEG", { height, width, pixelBytes: specifications.length });
  if (specifications.length > 1 && unitBlocks > MAX_UNIT_BLOCKS) throw damaged("JPEG", "its units are too large");
  if (unitColumns * unitRows * unitBlocks > fileBytes * MAX_BLOCKS_PER_BYTE) {
    throw damaged("JPEG", `${fileBytes} bytes are too few for ${width} by ${height} pixels`);
  }
  const components = specifications.map((each): Component => {
    const stride = unitColumns * each.horizontal;
    return {
      ...each,
      columns: Math.ceil(Math.ceil((width * each.horizontal) / horizontal) / BLOCK),
      rows: Math.ceil(Math.ceil((height * each.vertical) / vertical) / BLOCK),
      stride,
      coefficients: new Int16Array(stride * unitRows * each.vertical * BLOCK_SIZE),
    };
  });
  return { width, height, isProgressive, horizontal, vertical, unitColumns, unitRows, components };
}

/** What a frame header says. */
export interface FrameHeader {
  readonly width: number;
  readonly height: number;
  readonly specifications: readonly Pick<Component, "id" | "horizontal" | "vertical" | "quantizer">[];
}

/** Reads a frame header (ITU T.81, B.2.2). */
export function frameHeader(segment: Uint8Array): FrameHeader {
  const source = new ByteSource(segment, "JPEG");
  const bits = source.uint8();
  if (bits !== 8) throw damaged("JPEG", `samples of ${bits} bits are not supported`);
  const [height, width] = [source.uint16(), source.uint16()];
  const count = source.uint8();
  if (count < 1 || count > 4) throw damaged("JPEG", `it has ${count} components`);
  const specifications = Array.from({ length: count }, () => {
    const [id, factors, quantizer] = [source.uint8(), source.uint8(), source.uint8()];
    const [horizontal, vertical] = [factors >> 4, factors & 15];
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4 || quantizer > 3) {
      throw damaged("JPEG", "a component of it is damaged");
    }
    return { id, horizontal, vertical, quantizer };
  });
  return { width, height, specifications };
}
