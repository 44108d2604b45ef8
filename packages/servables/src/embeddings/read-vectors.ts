import { ServingError } from "@servable/core";
import type { OnLine } from "../text/each-line.js";
import { readDecimal } from "../text/read-decimal.js";
import { decode, quoted } from "../text/utf8.js";
import { VectorBuilder } from "./vector-builder.js";
import type { Vectors } from "./vectors.js";

/** Vectors as a program has them. */
export type VectorEntries =
  | Iterable<readonly [string, ArrayLike<number>]>
  | Readonly<Record<string, ArrayLike<number>>>;

/**
 * The vectors of given entries, copied.
 * @throws ServingError INVALID_ARGUMENT, with the entry's number, for a key that has come before, or a vector that is
 * empty, of another length than the first, or not of finite numbers
 */
export function vectorsOf(entries: VectorEntries): Vectors {
  const builder = new VectorBuilder();
  let number = 0;
  try {
    for (const [key, vector] of isIterable(entries) ? entries : Object.entries(entries)) {
      number++;
      if (typeof key !== "string") throw new TypeError(`the key ${String(key)} is no text`);
      builder.add(key, Float32Array.from(vector));
    }
    return builder.vectors();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = number > builder.size ? `embeddings: entry ${number}` : "embeddings";
    throw new ServingError("INVALID_ARGUMENT", `${place}: ${message}`, { cause: error });
  }
}

function isIterable(entries: VectorEntries): entries is Iterable<readonly [string, ArrayLike<number>]> {
  return Symbol.iterator in entries;
}

/** Takes the lines of a file of vectors. */
export interface VectorReader {
  readonly onLine: OnLine;
  /** @throws ServingError DATA_LOSS if there is no vector, or not as many as the header says */
  vectors(): Vectors;
}

/** What is known of a file before it is read. */
export interface VectorFileFacts {
  readonly sizeBytes: number;
  /** Whether the first line tells the number of vectors and of numbers in each; undefined where it shows. */
  readonly header: boolean | undefined;
}

interface Header {
  readonly count: number;
  readonly dim: number;
}

const SPACE = 0x20;
const TAB = 0x09;
const isGap = (byte: number | undefined): boolean => byte === SPACE || byte === TAB;
/** A digit, and what stands before it. */
const LEAST_BYTES_PER_NUMBER = 2;
/** How much is allocated beyond what the part that has been read lets expect. */
const SLACK = 1.03;

/** Reads lines of a key and its numbers, as word2vec, GloVe and fastText write them in text form. */
export function vectorReader({ sizeBytes, header: wanted }: VectorFileFacts): VectorReader {
  let header: Header | undefined;
  let readBytes = 0;
  let numbers = new Float32Array(0);
  const builder = new VectorBuilder((rows) => header?.count ?? ((rows * sizeBytes) / readBytes) * SLACK);

  const takeVector = (bytes: Uint8Array): void => {
    let at = 0;
    while (at < bytes.length && !isGap(bytes[at])) at++;
    if (at === 0) throw damaged("there is no key at the start of the line");
    // Decoded apart, since a slice of the line's text would keep the whole line.
    const key = decode(bytes.subarray(0, at));
    let count = 0;
    for (;;) {
      while (isGap(bytes[at])) at++;
      if (at >= bytes.length) break;
      const from = at;
      while (at < bytes.length && !isGap(bytes[at])) at++;
      const value = Math.fround(readDecimal(bytes, from, at));
      if (!Number.isFinite(value)) {
        throw damaged(`number ${count + 1}, ${quoted(bytes.subarray(from, at))}, is no finite float32`);
      }
      if (count === numbers.length) numbers = grown(numbers);
      numbers[count++] = value;
    }
    if (header !== undefined && count !== header.dim) {
      throw damaged(`the vector has ${count} numbers, the header says ${header.dim}`);
    }
    builder.add(key, numbers.subarray(0, count));
  };

  return {
    onLine(bytes, line) {
      readBytes += bytes.length + 1;
      if (line === 1 && wanted !== false) header = headerOf(bytes, sizeBytes);
      if (line === 1 && wanted === true && header === undefined) {
        throw damaged(`${quoted(bytes)} is no header of two integers, the number of vectors and their length`);
      }
      if (line > 1 || header === undefined) takeVector(bytes);
    },
    vectors() {
      if (header !== undefined && builder.size !== header.count) {
        throw damaged(`the header says ${header.count} vectors, there are ${builder.size}; was the file cut short?`);
      }
      return builder.vectors();
    },
  };
}

function headerOf(bytes: Uint8Array, sizeBytes: number): Header | undefined {
  const [, first, second] = /^(\d+)[ \t]+(\d+)[ \t]*$/.exec(decode(bytes)) ?? [];
  if (first === undefined || second === undefined) return undefined;
  const [count, dim] = [Number(first), Number(second)];
  // Held to the size of the file, so that no header makes us allocate what the file cannot fill.
  if (count * dim * LEAST_BYTES_PER_NUMBER <= sizeBytes) return { count, dim };
  throw damaged(`the header says ${first} vectors of ${second} numbers, more than ${sizeBytes} bytes can hold`);
}

function grown(numbers: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const next = new Float32Array(Math.max(64, numbers.length * 2));
  next.set(numbers);
  return next;
}

function damaged(message: string): ServingError {
  return new ServingError("DATA_LOSS", message);
}
