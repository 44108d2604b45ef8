import { textAttribute } from "../../graph/attributes.js";
import type { GraphNode } from "../../graph/graph.js";
import { unsupported } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { bytesOf, isSpace, mapStrings, stringsOf, stringTensor, textOf } from "../host/bytes.js";
import { broadcastShapes, integersOf, mismatch } from "../host/shapes.js";
import { broadcastTo } from "../host/strided.js";
import { countUtf8, isContinuation } from "../host/utf8.js";

type Unit = "BYTE" | "UTF8_CHAR";

function unitOf(node: GraphNode): Unit {
  const unit = textAttribute(node, "unit", "BYTE");
  if (unit === "BYTE" || unit === "UTF8_CHAR") return unit;
  throw unsupported(`unit ${unit}`);
}

interface CaseChange {
  readonly text: (text: string) => string;
  /** The first of the ASCII letters that change, all of which lie 32 from what they change to. */
  readonly first: number;
}

/** TensorFlow takes a zero for the end of a text whose case it changes. */
function beforeZero(value: Uint8Array): Uint8Array {
  const zero = value.indexOf(0);
  return zero < 0 ? value : value.subarray(0, zero);
}

/** Without an encoding ASCII letters change, byte by byte. */
function changeCase({ text, first }: CaseChange): KernelFactory {
  return (node) => {
    const encoding = textAttribute(node, "encoding", "");
    if (encoding === "utf-8") return onHost((x) => mapStrings(x, (value) => bytesOf(text(textOf(beforeZero(value))))));
    if (encoding !== "") throw unsupported(`encoding ${encoding}`);
    return onHost((x) =>
      mapStrings(x, (value) => value.map((byte) => (byte >= first && byte < first + 26 ? byte ^ 32 : byte))),
    );
  };
}

const length: KernelFactory = (node) => {
  const count = unitOf(node) === "BYTE" ? (value: Uint8Array) => value.length : countUtf8;
  return onHost((x) => ({ dtype: "int32", shape: x.shape, data: Int32Array.from(stringsOf(x), count) }));
};

function strip(value: Uint8Array): Uint8Array {
  let end = value.length;
  while (end > 0 && isSpace(value[end - 1] ?? 0)) end--;
  let start = 0;
  while (start < end && isSpace(value[start] ?? 0)) start++;
  return value.subarray(start, end);
}

/** Which part of a string is wanted; a negative position counts from the end. */
interface Part {
  readonly position: number;
  readonly length: number;
}

function outOfRange(position: number): Error {
  return mismatch(`position ${position} lies outside of the string`);
}

function partOfBytes(value: Uint8Array, { position, length }: Part): Uint8Array {
  if (Math.abs(position) > value.length) throw outOfRange(position);
  const start = position < 0 ? position + value.length : position;
  return length < 0 ? value.subarray(start) : value.subarray(start, start + length);
}

/** A character is a byte and all that continue it; nobody asks whether it is one. */
function partOfCharacters(value: Uint8Array, { position, length }: Part): Uint8Array {
  const next = (from: number): number => {
    let at = from + 1;
    while (at < value.length && isContinuation(value[at] ?? 0)) at++;
    return at;
  };
  const start = position < 0 ? startFromEnd(value, position) : startFromFront(value, position, next);
  let end = start;
  for (let left = length; left > 0 && end < value.length; left--) end = next(end);
  return value.subarray(start, end);
}

function startFromFront(value: Uint8Array, position: number, next: (from: number) => number): number {
  let start = 0;
  for (let left = position; left > 0; left--) {
    if (start >= value.length) throw outOfRange(position);
    start = next(start);
  }
  return start;
}

function startFromEnd(value: Uint8Array, position: number): number {
  let start = value.length;
  for (let left = position; left < 0; left++) {
    do {
      if (--start < 0) throw outOfRange(position);
    } while (isContinuation(value[start] ?? 0));
  }
  return start;
}

const substring: KernelFactory = (node) => {
  const part = unitOf(node) === "BYTE" ? partOfBytes : partOfCharacters;
  return onHost((x, positions, lengths) => {
    const shape = broadcastShapes(x.shape, positions.shape);
    const values = stringsOf(broadcastTo(x, shape));
    const starts = integersOf(broadcastTo(positions, shape));
    const counts = integersOf(broadcastTo(lengths, shape));
    const cut = (value: Uint8Array, at: number): Uint8Array =>
      part(value, { position: starts[at] ?? 0, length: counts[at] ?? 0 });
    return stringTensor(shape, values.map(cut));
  });
};

/** Operations on the characters of single strings. */
export const CHARACTERS: KernelTable = {
  StringLength: length,
  StringLower: changeCase({ text: (text) => text.toLowerCase(), first: 65 }),
  StringStrip: () => onHost((x) => mapStrings(x, strip)),
  StringUpper: changeCase({ text: (text) => text.toUpperCase(), first: 97 }),
  Substr: substring,
};
