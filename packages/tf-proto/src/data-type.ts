import { DataType } from "./gen/tensor.js";

/** Element types that tensors of signatures and checkpoints have, in lower case. */
export type DataTypeName =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "complex64"
  | "complex128";

const CODES: Record<DataTypeName, DataType> = {
  float32: DataType.DT_FLOAT,
  float64: DataType.DT_DOUBLE,
  float16: DataType.DT_HALF,
  bfloat16: DataType.DT_BFLOAT16,
  int8: DataType.DT_INT8,
  int16: DataType.DT_INT16,
  int32: DataType.DT_INT32,
  int64: DataType.DT_INT64,
  uint8: DataType.DT_UINT8,
  uint16: DataType.DT_UINT16,
  uint32: DataType.DT_UINT32,
  uint64: DataType.DT_UINT64,
  bool: DataType.DT_BOOL,
  string: DataType.DT_STRING,
  complex64: DataType.DT_COMPLEX64,
  complex128: DataType.DT_COMPLEX128,
};

const NAMES: ReadonlyMap<number, DataTypeName> = new Map(
  Object.entries(CODES).map(([name, code]) => [code, name as DataTypeName]),
);

const ENUM_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DataType).flatMap(([name, code]) => (code >= 0 ? [[code, name]] : [])),
);

/** A ref type, the output of a TF1 variable, is its type plus this. */
const REF_OFFSET = 100;

/** The name of a type; undefined for resource, variant, quantized and unknown types. Ref types count as their type. */
export function dataTypeName(code: number): DataTypeName | undefined {
  return NAMES.get(code > REF_OFFSET ? code - REF_OFFSET : code);
}

/** The number of a type. */
export function dataTypeCode(name: DataTypeName): DataType {
  return CODES[name];
}

/** How TensorFlow writes a type, for messages and JSON: `DT_FLOAT`, `DT_FLOAT_REF`, `DT_RESOURCE`. */
export function dataTypeEnumName(code: number): string {
  const known = ENUM_NAMES.get(code > REF_OFFSET ? code - REF_OFFSET : code);
  if (known === undefined) return `DataType(${code})`;
  return code > REF_OFFSET ? `${known}_REF` : known;
}
