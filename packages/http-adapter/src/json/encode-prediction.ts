import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import { type TensorWriter, tensorWriter } from "./encode-tensor.js";
import type { PredictBody } from "./predict-body.js";

/**
 * The answer to a predict call as JSON text, in the form of the request: `predictions` by instance or `outputs` by name.
 * @throws ServingError INVALID_ARGUMENT for outputs that cannot be taken apart by instance; UNSUPPORTED for complex
 * numbers, or a signature without outputs
 */
export function encodePrediction(outputs: NamedTensors, form: PredictBody["form"]): string {
  const named = Object.entries(outputs);
  if (named.length === 0) throw new ServingError("UNSUPPORTED", "the signature has no output to answer with");
  switch (form) {
    case "rows":
      return `{"predictions":${encodeRows(named)}}`;
    case "columns":
      return `{"outputs":${encodeOne(writersOf(named), (writer) => writer.whole())}}`;
  }
}

interface NamedWriter {
  readonly key: string;
  readonly writer: TensorWriter;
}

function writersOf(named: readonly (readonly [string, Tensor])[]): readonly NamedWriter[] {
  return named.map(([name, tensor]) => ({ key: JSON.stringify(name), writer: tensorWriter(name, tensor) }));
}

function encodeRows(named: readonly (readonly [string, Tensor])[]): string {
  const count = rowsOf(named);
  const writers = writersOf(named);
  let text = "[";
  for (let row = 0; row < count; row++) {
    if (row > 0) text += ",";
    text += encodeOne(writers, (writer) => writer.row(row));
  }
  return `${text}]`;
}

/** One output as its bare value, several as an object. */
function encodeOne(writers: readonly NamedWriter[], write: (writer: TensorWriter) => string): string {
  const [only, ...others] = writers;
  if (only !== undefined && others.length === 0) return write(only.writer);
  return `{${writers.map(({ key, writer }) => `${key}:${write(writer)}`).join(",")}}`;
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
