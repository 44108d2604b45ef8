import { allocate, type DType, ServingError, type Tensor } from "@servable/core";
import { intAttribute, textAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { bytesOf, textOf } from "../kernels/host/bytes.js";
import { parseNumber } from "../kernels/host/parse-number.js";
import type { Elements } from "../kernels/host/strided.js";

/** Stands for a column: the number of the line, and the whole line. */
const LINE_NUMBER = -1;
const WHOLE_LINE = -2;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** How a node says that a file is read. */
export interface TextFileFormat {
  readonly keyIndex: number;
  readonly valueIndex: number;
  /** How many lines are read; -1 for all. */
  readonly vocabSize: number;
  readonly delimiter: number;
  /** What the number of the first line is. */
  readonly offset: number;
}

/** @throws ServingError UNSUPPORTED for columns or delimiters that TensorFlow does not have */
export function textFileFormat(node: GraphNode): TextFileFormat {
  const keyIndex = intAttribute(node, "key_index");
  const valueIndex = intAttribute(node, "value_index");
  const [delimiter, ...more] = bytesOf(textAttribute(node, "delimiter", "\t"));
  if (delimiter === undefined || more.length > 0) throw unsupported("a delimiter that is not one character");
  if (Math.min(keyIndex, valueIndex) < WHOLE_LINE) throw unsupported(`column ${Math.min(keyIndex, valueIndex)}`);
  const vocabSize = intAttribute(node, "vocab_size", -1);
  return { keyIndex, valueIndex, vocabSize, delimiter, offset: intAttribute(node, "offset", 0) };
}

/** A file of a model. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The types of a table's columns. */
export interface ColumnTypes {
  readonly key: DType;
  readonly value: DType;
}

/**
 * The keys and values in a text file, one of each to a line.
 * @throws ServingError INVALID_ARGUMENT for a file that is empty or has fewer lines than the model says, an empty line,
 * a line with too few columns, or a field that is no number where one should be
 */
export function readTextFile(file: NamedFile, format: TextFileFormat, types: ColumnTypes): readonly [Tensor, Tensor] {
  const lines = linesOf(file, format.vocabSize);
  const column = (index: number, dtype: DType): Tensor => {
    const data = allocate(dtype, lines.length);
    const target = data as unknown as Elements;
    const read = columnReader(index, dtype, { file, format });
    for (const [at, line] of lines.entries()) target[at] = read(line, at);
    return { dtype, shape: [lines.length], data };
  };
  return [column(format.keyIndex, types.key), column(format.valueIndex, types.value)];
}

function invalid({ name }: NamedFile, message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", `${name}: ${message}`);
}

function linesOf(file: NamedFile, limit: number): readonly Uint8Array[] {
  const { bytes } = file;
  const lines: Uint8Array[] = [];
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  let start = 0;
  while (start < bytes.length && lines.length < most) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end);
    if (line.length === 0) throw invalid(file, `line ${lines.length + 1} is empty`);
    lines.push(line);
    start = end + 1;
  }
  if (lines.length === 0) throw invalid(file, "it is empty");
  if (lines.length < limit) throw invalid(file, `the model reads ${limit} lines of it, there are ${lines.length}`);
  return lines;
}

interface Source {
  readonly file: NamedFile;
  readonly format: TextFileFormat;
}

function columnReader(
  index: number,
  dtype: DType,
  { file, format }: Source,
): (line: Uint8Array, at: number) => unknown {
  if (index === LINE_NUMBER) {
    if (dtype !== "int64") throw invalid(file, `line numbers are int64, the table wants ${dtype}`);
    return (_line, at) => BigInt(at + format.offset);
  }
  const field = (line: Uint8Array, at: number): Uint8Array => {
    if (index === WHOLE_LINE) return line;
    let start = 0;
    for (let left = index; left > 0; left--) {
      start = line.indexOf(format.delimiter, start) + 1;
      if (start === 0) throw invalid(file, `line ${at + 1} has no column ${index}`);
    }
    const end = line.indexOf(format.delimiter, start);
    return line.subarray(start, end < 0 ? line.length : end);
  };
  if (dtype === "string") return field;
  return (line, at) => {
    const text = textOf(field(line, at));
    const value = parseNumber(text, dtype);
    if (value === undefined) throw invalid(file, `"${text.slice(0, 40)}" in line ${at + 1} is no number of ${dtype}`);
    return value;
  };
}
