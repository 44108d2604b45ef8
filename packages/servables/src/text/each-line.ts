import { type FileEntry, type LoadContext, type OpenFiles, ServingError } from "@servable/core";
import { nameError } from "../name-error.js";

/** A file of lines. */
export interface LineFile {
  readonly files: OpenFiles;
  readonly entry: FileEntry;
  /** A longer line is refused. */
  readonly maxLineBytes: number;
}

/** Takes a line without its end; `line` counts from 1. The bytes are good for the call only. */
export type OnLine = (bytes: Uint8Array, line: number) => void;

const CHUNK_BYTES = 2 ** 20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads a file chunk by chunk and hands out its lines, which end in LF or CRLF; the last may have no end. A byte order
 * mark is left out.
 * @throws ServingError DATA_LOSS for a line that is too long; what `onLine` throws, with file and line before it; the
 * reason of `signal` when it aborts
 */
export async function eachLine(
  { files, entry, maxLineBytes }: LineFile,
  { signal, report }: Pick<LoadContext, "signal" | "report">,
  onLine: OnLine,
): Promise<void> {
  const { name, sizeBytes } = entry;
  // What is left over of a chunk is shorter than a line may be, so no byte is moved twice.
  const chunkBytes = Math.max(CHUNK_BYTES, maxLineBytes);
  let line = 0;
  const take = (bytes: Uint8Array): void => {
    line++;
    if (bytes.length > maxLineBytes) throw tooLong(name, line, maxLineBytes);
    try {
      onLine(withoutEnds(bytes, line), line);
    } catch (error) {
      // What is no ServingError comes from a limit of the runtime: a map or an array that cannot grow.
      throw nameError(error, `${name}:${line}`, "RESOURCE_EXHAUSTED");
    }
  };
  let rest: Uint8Array = new Uint8Array(0);
  for (let start = 0; start < sizeBytes; ) {
    signal.throwIfAborted();
    const end = Math.min(start + chunkBytes, sizeBytes);
    const bytes = joined(rest, await files.read(name, { start, end }));
    let from = 0;
    for (let to = bytes.indexOf(LINE_FEED); to !== -1; to = bytes.indexOf(LINE_FEED, from)) {
      take(bytes.subarray(from, to));
      from = to + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes) throw tooLong(name, line + 1, maxLineBytes);
    start = end;
    report({ stage: "parse", done: end, total: sizeBytes, unit: "bytes" });
  }
  if (rest.length > 0) take(rest);
}

function withoutEnds(bytes: Uint8Array, line: number): Uint8Array {
  const start = line === 1 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? 3 : 0;
  return bytes.subarray(start, bytes.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

function tooLong(name: string, line: number, maxLineBytes: number): ServingError {
  return new ServingError(
    "DATA_LOSS",
    `${name}:${line}: the line is longer than ${maxLineBytes} bytes; is it the right file? raise maxLineBytes if it is`,
  );
}
