import { ServingError, type Tensor } from "@servable/core";
import { toBase64 } from "../base64.js";
import { FLOAT_BYTES, putFloat } from "./put-float.js";
import type { TextBuffer } from "./text-buffer.js";
import { writeDouble } from "./write-double.js";

/**
 * How what is not finite is written: as the bare tokens NaN, Infinity and -Infinity, as TensorFlow Serving does and strict
 * parsers refuse; as null; or not at all, the call fails.
 */
export type NonFinite = "token" | "null" | "error";

/** An output that is to be written. */
export interface Output {
  readonly name: string;
  readonly tensor: Tensor;
  readonly nonFinite: NonFinite;
}

/** Writes `count` elements from `offset` on, with commas between them. */
export type WriteElements = (buffer: TextBuffer, offset: number, count: number) => void;

const COMMA = 0x2c;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * How the elements of an output are written. Strings are text, or `{"b64": "…"}` where the output's name ends in `_bytes`.
 * @throws ServingError UNSUPPORTED for complex numbers
 */
export function elementsWriter(output: Output): WriteElements {
  const { name, tensor } = output;
  const { dtype, data } = tensor;
  switch (dtype) {
    case "float32":
    case "float16":
    case "bfloat16":
      return floatsWriter(output, data as Float32Array);
    case "float64":
      return eachBy((offset) => {
        const value = Number(data[offset]);
        return Number.isFinite(value) ? writeDouble(value) : nonFiniteText(output, value);
      });
    case "bool":
      return eachBy((offset) => (data[offset] === 0 ? "false" : "true"));
    case "string":
      return eachBy((offset) => writeString(data[offset], name.endsWith("_bytes")));
    case "complex64":
    case "complex128":
      throw new ServingError("UNSUPPORTED", `output ${name} is ${dtype}, which cannot be written as JSON`);
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return eachBy((offset) => String(data[offset]));
  }
}

function floatsWriter(output: Output, data: Float32Array): WriteElements {
  return (buffer, offset, count) => {
    buffer.reserve(count * (FLOAT_BYTES + 1));
    const { bytes } = buffer;
    let at = buffer.length;
    for (let index = offset; index < offset + count; index++) {
      if (index > offset) bytes[at++] = COMMA;
      const value = data[index] as number;
      // Zero for all that is finite.
      if (value - value === 0) at = putFloat(bytes, at, value);
      else for (const letter of nonFiniteText(output, value)) bytes[at++] = letter.charCodeAt(0);
    }
    buffer.length = at;
  };
}

function eachBy(write: (offset: number) => string): WriteElements {
  return (buffer, offset, count) => {
    for (let index = 0; index < count; index++) buffer.text(index === 0 ? write(offset) : `,${write(offset + index)}`);
  };
}

/** How a number that is not finite is written. @throws ServingError FAILED_PRECONDITION if it may not be */
export function nonFiniteText({ name, nonFinite }: Omit<Output, "tensor">, value: number): string {
  switch (nonFinite) {
    case "token":
      return String(value);
    case "null":
      return "null";
    case "error":
      throw new ServingError(
        "FAILED_PRECONDITION",
        `output ${name} has the value ${value}, and this server is set to answer with finite numbers alone`,
      );
  }
}

function writeString(element: Tensor["data"][number] | undefined, asBytes: boolean): string {
  const bytes = element instanceof Uint8Array ? element : new Uint8Array(0);
  return asBytes ? `{"b64":"${toBase64(bytes)}"}` : JSON.stringify(decoder.decode(bytes));
}
