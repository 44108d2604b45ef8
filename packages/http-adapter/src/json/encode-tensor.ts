import { type DType, ServingError, sizeOf, type Tensor } from "@servable/core";
import { toBase64 } from "./base64.js";
import { writeDouble, writeFloat } from "./write-number.js";

/** Writes the part of a tensor that begins at one index of its first dimension, or the whole of it. */
export interface TensorWriter {
  /** The whole tensor: nested lists, or the bare value of a scalar. */
  whole(): string;
  /** The part at `index` of the first dimension. */
  row(index: number): string;
}

type Kind = "float" | "double" | "integer" | "bool" | "string";

const KINDS: Record<DType, Kind | undefined> = {
  float16: "float",
  bfloat16: "float",
  float32: "float",
  float64: "double",
  int8: "integer",
  int16: "integer",
  int32: "integer",
  int64: "integer",
  uint8: "integer",
  uint16: "integer",
  uint32: "integer",
  uint64: "integer",
  bool: "bool",
  string: "string",
  complex64: undefined,
  complex128: undefined,
};

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes an output as JSON text. Strings are written as text, or as `{"b64": "…"}` where the output's name ends in
 * `_bytes`.
 * @throws ServingError UNSUPPORTED for complex numbers
 */
export function tensorWriter(name: string, { dtype, shape, data }: Tensor): TensorWriter {
  const kind = KINDS[dtype];
  if (kind === undefined) {
    throw new ServingError("UNSUPPORTED", `output ${name} is ${dtype}, which cannot be written as JSON`);
  }
  const element = elementWriter(kind, data, name.endsWith("_bytes"));
  // The elements below one index of each dimension.
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const level = (depth: number, offset: number): string => {
    if (depth === shape.length) return element(offset);
    const [size, stride] = [shape[depth] ?? 0, strides[depth] ?? 1];
    let text = "[";
    for (let index = 0; index < size; index++) {
      if (index > 0) text += ",";
      text += level(depth + 1, offset + index * stride);
    }
    return `${text}]`;
  };
  return { whole: () => level(0, 0), row: (index) => level(1, index * (strides[0] ?? 1)) };
}

function elementWriter(kind: Kind, data: Tensor["data"], asBytes: boolean): (offset: number) => string {
  switch (kind) {
    case "float":
      return (offset) => writeFloat(Number(data[offset]));
    case "double":
      return (offset) => writeDouble(Number(data[offset]));
    case "integer":
      return (offset) => String(data[offset]);
    case "bool":
      return (offset) => (data[offset] === 0 ? "false" : "true");
    case "string":
      return (offset) => writeString(data[offset], asBytes);
  }
}

function writeString(element: Tensor["data"][number] | undefined, asBytes: boolean): string {
  const bytes = element instanceof Uint8Array ? element : new Uint8Array(0);
  return asBytes ? `{"b64":"${toBase64(bytes)}"}` : JSON.stringify(utf8.decode(bytes));
}
