import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import type { PredictBody } from "./predict-body.js";
import type { Steps } from "./steps.js";
import { NestedWriter } from "./write/nested-writer.js";
import { TextBuffer } from "./write/text-buffer.js";
import type { NonFinite } from "./write/write-elements.js";

/** Bytes after which a pause is allowed. */
const STRIDE = 65_536;

/** How a prediction is written. */
export interface PredictionStyle {
  readonly form: PredictBody["form"];
  readonly nonFinite: NonFinite;
}

/**
 * The answer to a predict call as JSON text in UTF-8, in the form of the request: `predictions` by instance or `outputs`
 * by name.
 * @throws ServingError INVALID_ARGUMENT for outputs that cannot be taken apart by instance; UNSUPPORTED for complex
 * numbers, or a signature without outputs; FAILED_PRECONDITION for values that the style does not allow
 */
export function* encodePrediction(outputs: NamedTensors, { form, nonFinite }: PredictionStyle): Steps<Uint8Array> {
  const named = Object.entries(outputs);
  if (named.length === 0) throw new ServingError("UNSUPPORTED", "the signature has no output to answer with");
  const buffer = new TextBuffer(expectedBytes(named));
  const rows = form === "rows" ? rowsOf(named) : undefined;
  const writers = named.map(([name, tensor]) => ({
    key: `${JSON.stringify(name)}:`,
    writer: new NestedWriter({ name, tensor, nonFinite }),
  }));
  buffer.text(form === "rows" ? '{"predictions":' : '{"outputs":');
  // The rows of one output are the output as it is.
  if (rows === undefined || writers.length === 1) yield* writeOne(buffer, writers, 0);
  else yield* writeRows(buffer, writers, rows);
  buffer.text("}");
  return buffer.finish();
}

/** What most outputs fit: a float32 of eight digits, a point, a zero or a sign, and a comma. */
const ELEMENT_BYTES = 12;
const FRAME_BYTES = 1_024;

/** Outputs beyond so many elements take some three milliseconds to write, and more. */
const MANY_ELEMENTS = 40_000;

/** Whether an answer is to be written with pauses. */
export function isLarge(outputs: NamedTensors): boolean {
  return Object.values(outputs).some(hasMany);
}

function hasMany({ data }: Tensor): boolean {
  return data.length > MANY_ELEMENTS;
}

/** The longest number with its comma and the brackets of a row of its own. */
const LONGEST_BYTES = 32;

function expectedBytes(named: readonly (readonly [string, Tensor])[]): number {
  return named.reduce((bytes, [, tensor]) => {
    // Of many numbers there is room for the longest: to make more would copy megabytes at once.
    const element = hasMany(tensor) && tensor.dtype !== "string" ? LONGEST_BYTES : ELEMENT_BYTES;
    return bytes + tensor.data.length * element;
  }, FRAME_BYTES);
}

interface NamedWriter {
  readonly key: string;
  readonly writer: NestedWriter;
}

function* writeRows(buffer: TextBuffer, writers: readonly NamedWriter[], rows: number): Steps<void> {
  buffer.text("[");
  let pause = buffer.length + STRIDE;
  for (let row = 0; row < rows; row++) {
    if (row > 0) buffer.text(",");
    yield* writeOne(buffer, writers, 1);
    if (buffer.length < pause) continue;
    yield;
    pause = buffer.length + STRIDE;
  }
  buffer.text("]");
}

/** One output as its bare value, several as an object. */
function* writeOne(buffer: TextBuffer, writers: readonly NamedWriter[], depth: 0 | 1): Steps<void> {
  const isObject = writers.length > 1;
  for (const [index, { key, writer }] of writers.entries()) {
    if (isObject) buffer.text(index === 0 ? `{${key}` : `,${key}`);
    writer.begin(depth);
    while (!writer.advance(buffer, buffer.length + STRIDE)) yield;
  }
  if (isObject) buffer.text("}");
}

function rowsOf(named: readonly (readonly [string, Tensor])[]): number {
  const scalar = named.find(([, { shape }]) => shape.length === 0);
  const way = 'it cannot be given by instance; send "inputs" in place of "instances"';
  if (scalar !== undefined) {
    throw new ServingError("INVALID_ARGUMENT", `output ${scalar[0]} is a single value: ${way}`);
  }
  const [first] = named;
  const count = first?.[1].shape[0] ?? 0;
  const other = named.find(([, { shape }]) => shape[0] !== count);
  if (other === undefined) return count;
  throw new ServingError(
    "INVALID_ARGUMENT",
    `output ${other[0]} has ${other[1].shape[0]} rows, but output ${first?.[0]} has ${count}: ${way}`,
  );
}
