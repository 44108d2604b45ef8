import { unsupported } from "../../graph/graph-error.js";
import { bytesOf } from "./bytes.js";
import { type CodePoint, codePointsOfUtf8 } from "./utf8.js";

/** An encoding of text. */
export interface Encoding {
  decode(bytes: Uint8Array): Iterable<CodePoint>;
  /** The bytes of a code point; undefined for one that the encoding lacks. */
  encode(value: number): Uint8Array | undefined;
}

/** Whether a number is a character of Unicode: not beyond its end, and no half of a pair. */
export function isCodePoint(value: number): boolean {
  return value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

function wide(bytes: number, isLittle: boolean): (view: DataView, at: number) => number {
  return bytes === 2 ? (view, at) => view.getUint16(at, isLittle) : (view, at) => view.getUint32(at, isLittle);
}

function* utf16Points(bytes: Uint8Array, isLittle: boolean): Generator<CodePoint, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unitAt = wide(2, isLittle);
  let start = 0;
  for (; start + 2 <= bytes.length; ) {
    const unit = unitAt(view, start);
    const next = unit >= 0xd800 && unit < 0xdc00 && start + 4 <= bytes.length ? unitAt(view, start + 2) : 0;
    const isPair = next >= 0xdc00 && next < 0xe000;
    const value = isPair ? 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00) : isCodePoint(unit) ? unit : -1;
    const length = isPair ? 4 : 2;
    yield { value, start, length };
    start += length;
  }
  if (start < bytes.length) yield { value: -1, start, length: bytes.length - start };
}

function* utf32Points(bytes: Uint8Array, isLittle: boolean): Generator<CodePoint, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unitAt = wide(4, isLittle);
  let start = 0;
  for (; start + 4 <= bytes.length; start += 4) {
    const unit = unitAt(view, start);
    yield { value: isCodePoint(unit) ? unit : -1, start, length: 4 };
  }
  if (start < bytes.length) yield { value: -1, start, length: bytes.length - start };
}

function units(values: readonly number[], bytes: 2 | 4, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  for (const [at, value] of values.entries()) {
    if (bytes === 2) view.setUint16(2 * at, value, isLittle);
    else view.setUint32(4 * at, value, isLittle);
  }
  return new Uint8Array(view.buffer);
}

function utf16(isLittle: boolean): Encoding {
  return {
    decode: (bytes) => utf16Points(bytes, isLittle),
    encode: (value) => {
      const text = String.fromCodePoint(value);
      const codes = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
      return units(codes, 2, isLittle);
    },
  };
}

function utf32(isLittle: boolean): Encoding {
  return { decode: (bytes) => utf32Points(bytes, isLittle), encode: (value) => units([value], 4, isLittle) };
}

/** One byte for each character, of which there are `size`. */
function singleByte(size: number): Encoding {
  return {
    decode: (bytes) => Array.from(bytes, (byte, start) => ({ value: byte < size ? byte : -1, start, length: 1 })),
    encode: (value) => (value < size ? Uint8Array.of(value) : undefined),
  };
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ["utf8", { decode: codePointsOfUtf8, encode: (value: number) => bytesOf(String.fromCodePoint(value)) }],
  ["utf16", utf16(false)],
  ["utf16be", utf16(false)],
  ["utf16le", utf16(true)],
  ["utf32", utf32(false)],
  ["utf32be", utf32(false)],
  ["utf32le", utf32(true)],
  ["usascii", singleByte(128)],
  ["ascii", singleByte(128)],
  ["iso88591", singleByte(256)],
  ["latin1", singleByte(256)],
]);

/**
 * The encoding of that name.
 * @throws ServingError UNSUPPORTED for encodings other than UTF-8, -16, -32, ASCII and Latin 1
 */
export function encodingOf(name: string): Encoding {
  const encoding = ENCODINGS.get(name.toLowerCase().replaceAll(/[-_ ]/g, ""));
  if (encoding === undefined) throw unsupported(`encoding ${name}`);
  return encoding;
}
