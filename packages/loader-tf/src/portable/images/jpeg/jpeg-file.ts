import { ByteSource } from "../byte-source.js";
import { damaged } from "../image.js";
import { type Band, progressiveBlock, type ScanTables, sequentialBlock, ZIGZAG } from "./blocks.js";
import { EntropyBits, type HuffmanTable, huffmanTable } from "./entropy.js";
import { BLOCK_SIZE, type Component, type Frame, type FrameHeader, frameHeader, readFrame } from "./frame.js";
import { decodeScan, type Scan } from "./scan.js";

/** A JPEG image as its file has it: coefficients. */
export interface JpegFile {
  readonly frame: Frame;
  /** What each component's coefficients are multiplied by, in natural order. */
  readonly quantizers: ReadonlyMap<Component, Uint16Array>;
  /** Whether the file is of the kind (JFIF) whose colors are brightness and two differences. */
  readonly isJfif: boolean;
  /** What Adobe's marker says about colors, if there is one. */
  readonly adobeTransform: number | undefined;
  /** Whether the file has an end. */
  readonly isWhole: boolean;
}

const MARKERS = {
  huffman: 0xc4,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantizers: 0xdb,
  restarts: 0xdd,
  jfif: 0xe0,
  adobe: 0xee,
};
/** Frames that can be decoded: sequential and progressive with Huffman codes. */
const PROGRESSIVE = 0xc2;
const LAST_FRAME = 0xcf;
const NO_FRAMES = [MARKERS.huffman, 0xc8, 0xcc];
/** Files have a dozen scans; thousands of empty ones would take for ever. */
const MAX_SCANS = 100;

/** Whether bytes begin as a JPEG file does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === MARKERS.start && bytes[2] === 0xff;
}

/**
 * Reads no more than the frame header of a JPEG file.
 * @throws ServingError INVALID_ARGUMENT if there is none
 */
export function jpegHeader(bytes: Uint8Array): FrameHeader {
  const source = startOf(bytes);
  for (;;) {
    const { marker, content } = nextSegment(source);
    if (isFrame(marker)) return frameHeader(content);
    if (marker === MARKERS.end || marker === MARKERS.scan) throw damaged("JPEG", "it has no frame");
  }
}

/**
 * Reads a JPEG file (ITU T.81). What breaks off is as far as it goes: later coefficients stay zero.
 * @throws ServingError INVALID_ARGUMENT for what is no JPEG file, or codes its image in another way than is usual
 */
export function readJpeg(bytes: Uint8Array): JpegFile {
  const source = startOf(bytes);
  const tables = new Tables();
  let frame: Frame | undefined;
  let isJfif = false;
  let adobeTransform: number | undefined;
  let isWhole = true;
  for (let scans = 0; ; ) {
    if (frame !== undefined && scans > 0 && !hasMarker(source)) {
      isWhole = false;
      break;
    }
    const { marker, content } = nextSegment(source);
    if (marker === MARKERS.end) break;
    if (isFrame(marker)) {
      if (frame !== undefined) throw damaged("JPEG", "it has two frames");
      if (marker > PROGRESSIVE) throw damaged("JPEG", `its coding (marker ${marker.toString(16)}) is not supported`);
      frame = readFrame(content, marker === PROGRESSIVE, bytes.length);
    } else if (marker === MARKERS.scan) {
      if (frame === undefined) throw damaged("JPEG", "a scan comes before the frame");
      if (++scans > MAX_SCANS) throw damaged("JPEG", `it has more than ${MAX_SCANS} scans`);
      const bits = new EntropyBits(bytes, source.position);
      decodeScan(bits, tables.scan(content, frame));
      source.seek(bits.markerPosition());
    } else if (marker === MARKERS.huffman) tables.readHuffman(content);
    else if (marker === MARKERS.quantizers) tables.readQuantizers(content);
    else if (marker === MARKERS.restarts) tables.restartInterval = new ByteSource(content, "JPEG").uint16();
    else if (marker === MARKERS.jfif) isJfif ||= startsWith(content, "JFIF\0");
    else if (marker === MARKERS.adobe && startsWith(content, "Adobe") && content.length >= 12)
      adobeTransform = content[11];
  }
  if (frame === undefined) throw damaged("JPEG", "it has no frame");
  return { frame, quantizers: tables.latched, isJfif, adobeTransform, isWhole };
}

function startOf(bytes: Uint8Array): ByteSource {
  if (!isJpeg(bytes)) throw damaged("JPEG", "it does not begin as JPEG does");
  const source = new ByteSource(bytes, "JPEG");
  source.seek(2);
  return source;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= LAST_FRAME && !NO_FRAMES.includes(marker);
}

function startsWith(content: Uint8Array, text: string): boolean {
  return Array.from(text).every((character, at) => content[at] === character.charCodeAt(0));
}

/** Whether there is another marker; where the file ends without, it broke off. */
function hasMarker(source: ByteSource): boolean {
  return source.remaining >= 2;
}

interface Segment {
  readonly marker: number;
  readonly content: Uint8Array;
}

/** What is no marker is passed over, as are markers that mean nothing here: restarts, fill bytes. */
function nextSegment(source: ByteSource): Segment {
  for (;;) {
    while (source.uint8() !== 0xff);
    let marker = source.uint8();
    while (marker === 0xff) marker = source.uint8();
    if (marker === MARKERS.end) return { marker, content: new Uint8Array(0) };
    if (marker <= 1 || (marker >= 0xd0 && marker <= MARKERS.start)) continue;
    const length = source.uint16();
    if (length < 2) throw damaged("JPEG", "a length in it is wrong");
    return { marker, content: source.take(length - 2) };
  }
}

/** The tables that are in force, which any segment may replace. */
class Tables {
  restartInterval = 0;
  /** The table of each component, as it was when its first scan began. */
  readonly latched: Map<Component, Uint16Array> = new Map();
  readonly #quantizers = new Map<number, Uint16Array>();
  readonly #huffman = new Map<number, HuffmanTable>();

  readQuantizers(content: Uint8Array): void {
    const source = new ByteSource(content, "JPEG");
    while (source.remaining > 0) {
      const form = source.uint8();
      const table = new Uint16Array(BLOCK_SIZE);
      for (const place of ZIGZAG) table[place] = form >> 4 === 0 ? source.uint8() : source.uint16();
      this.#quantizers.set(form & 15, table);
    }
  }

  /** Tables for first coefficients have numbers from 0 on, others from 16 on. */
  readHuffman(content: Uint8Array): void {
    const source = new ByteSource(content, "JPEG");
    while (source.remaining > 0) {
      const number = source.uint8();
      const counts = source.take(16);
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total > 256) throw damaged("JPEG", "a table of it is too large");
      this.#huffman.set(number, huffmanTable(counts, source.take(total)));
    }
  }

  /** Reads a scan header (ITU T.81, B.2.3). */
  scan(content: Uint8Array, frame: Frame): Scan {
    const source = new ByteSource(content, "JPEG");
    const chosen = Array.from({ length: source.uint8() }, () => ({ id: source.uint8(), tables: source.uint8() }));
    const [first, last, bits] = [source.uint8(), source.uint8(), source.uint8()];
    const band: Band = { first, last, high: bits >> 4, low: bits & 15 };
    const { isProgressive } = frame;
    const isDc = !isProgressive || first === 0;
    const isOrdered = first <= last && last < BLOCK_SIZE && (first > 0 || last === 0) && band.low <= 13;
    if (isProgressive && !(isOrdered && (isDc || chosen.length === 1)))
      throw damaged("JPEG", "a scan of it is damaged");
    const parts = chosen.map(({ id, tables }) => {
      const component = frame.components.find((each) => each.id === id);
      if (component === undefined) throw damaged("JPEG", `there is no component ${id}`);
      this.#latch(component);
      const dc = isDc && band.high === 0 ? this.#table(tables >> 4) : NONE;
      const ac = isDc && isProgressive ? NONE : this.#table(16 + (tables & 15));
      const both: ScanTables = { dc, ac };
      return { component, decode: isProgressive ? progressiveBlock(both, band) : sequentialBlock(both) };
    });
    const isSet = new Set(parts.map(({ component }) => component)).size === parts.length;
    if (parts.length === 0 || !isSet) throw damaged("JPEG", "a scan of it is damaged");
    return { frame, parts, restartInterval: this.restartInterval };
  }

  #latch(component: Component): void {
    if (this.latched.has(component)) return;
    const table = this.#quantizers.get(component.quantizer);
    if (table === undefined) throw damaged("JPEG", `there is no quantization table ${component.quantizer}`);
    this.latched.set(component, table);
  }

  #table(number: number): HuffmanTable {
    const table = this.#huffman.get(number);
    if (table === undefined) throw damaged("JPEG", `there is no Huffman table ${number}`);
    return table;
  }
}

/** For scans that have no codes of a kind. */
const NONE: HuffmanTable = huffmanTable(new Uint8Array(16), new Uint8Array(0));
