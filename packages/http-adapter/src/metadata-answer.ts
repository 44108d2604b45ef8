import type { DType, Signature, TensorSpec } from "@servable/core";
import type { ModelMetadata } from "@servable/inference";

/** TensorFlow's names of element types. */
const NAMES: Record<DType, string> = {
  float16: "DT_HALF",
  bfloat16: "DT_BFLOAT16",
  float32: "DT_FLOAT",
  float64: "DT_DOUBLE",
  int8: "DT_INT8",
  int16: "DT_INT16",
  int32: "DT_INT32",
  int64: "DT_INT64",
  uint8: "DT_UINT8",
  uint16: "DT_UINT16",
  uint32: "DT_UINT32",
  uint64: "DT_UINT64",
  bool: "DT_BOOL",
  string: "DT_STRING",
  complex64: "DT_COMPLEX64",
  complex128: "DT_COMPLEX128",
};

/** A model's metadata in the shape that TensorFlow Serving answers: numbers of 64 bits as strings, defaults written out. */
export function metadataAnswer({ id, signatures }: ModelMetadata): object {
  return {
    model_spec: { name: id.name, signature_name: "", version: String(id.version) },
    // The name comes twice in TensorFlow Serving too: a map's entry, and a message with one field.
    metadata: { signature_def: { signature_def: mapped(signatures, signatureAnswer) } },
  };
}

function signatureAnswer({ inputs, outputs, methodName }: Signature): object {
  return {
    inputs: mapped(inputs, tensorAnswer),
    outputs: mapped(outputs, tensorAnswer),
    method_name: methodName,
    defaults: {},
  };
}

function tensorAnswer({ dtype, shape, tensorName }: TensorSpec): object {
  return {
    dtype: NAMES[dtype],
    tensor_shape: {
      dim: (shape ?? []).map((size) => ({ size: String(size), name: "" })),
      unknown_rank: shape === undefined,
    },
    name: tensorName ?? "",
  };
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (value: T) => object): object {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
