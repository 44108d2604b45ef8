import { type DType, sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, intsAttribute, textAttribute, typesAttribute } from "../../graph/attributes.js";
import { malformed, unsupported } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { bytesOf, sameBytes, stringsOf, textOf } from "../host/bytes.js";
import { blank, elementsOf } from "../host/elements.js";
import { parseNumber } from "../host/parse-number.js";
import { mismatch } from "../host/shapes.js";

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const DTYPES: readonly DType[] = ["float32", "float64", "int32", "int64", "string"];

/** How a record is cut. */
interface CsvForm {
  /** The byte between fields. */
  readonly delimiter: number;
  /** Whether a field may stand in quotes. */
  readonly isQuoted: boolean;
}

/** The same, of the record of a number. */
interface RecordForm extends CsvForm {
  readonly row: number;
}

/** The fields of a record; an empty record has none. */
function fieldsOf(record: Uint8Array, form: RecordForm): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < record.length) {
    const { field, end } =
      form.isQuoted && record[at] === QUOTE ? quotedField(record, at, form) : bareField(record, at, form);
    fields.push(field);
    at = end + 1;
    // Nothing after a last delimiter is one more field.
    if (end === record.length - 1) fields.push(new Uint8Array(0));
  }
  return fields;
}

/** A field, and where the delimiter behind it is, or the end of the record. */
interface Field {
  readonly field: Uint8Array;
  readonly end: number;
}

function bareField(record: Uint8Array, start: number, { delimiter, isQuoted, row }: RecordForm): Field {
  const found = record.indexOf(delimiter, start);
  const end = found < 0 ? record.length : found;
  const field = record.subarray(start, end);
  if (isQuoted && field.some((byte) => byte === QUOTE || byte === LINE_FEED || byte === CARRIAGE_RETURN)) {
    throw mismatch(`record ${row}: a field with a quote or a line end in it is to stand in quotes`);
  }
  return { field, end };
}

/** Two quotes within are one. */
function quotedField(record: Uint8Array, start: number, { delimiter, row }: RecordForm): Field {
  const field = new Uint8Array(record.length - start);
  let length = 0;
  for (let at = start + 1; at < record.length; at++) {
    const byte = record[at] ?? 0;
    if (byte === QUOTE) {
      const next = record[at + 1];
      if (next === undefined || next === delimiter) return { field: field.subarray(0, length), end: at + 1 };
      if (next !== QUOTE) throw mismatch(`record ${row}: a quote within a field is to be written twice`);
      at++;
    }
    field[length++] = byte;
  }
  throw mismatch(`record ${row}: a field that begins with a quote is to end with one`);
}

const decodeCsv: KernelFactory = (node) => {
  const dtypes = typesAttribute(node, "OUT_TYPE");
  for (const dtype of dtypes) if (!DTYPES.includes(dtype)) throw unsupported(`dtype ${dtype}`);
  const [delimiter, ...rest] = bytesOf(textAttribute(node, "field_delim", ","));
  if (delimiter === undefined || rest.length > 0) throw malformed("a delimiter of fields is one byte");
  const form: CsvForm = { delimiter, isQuoted: boolAttribute(node, "use_quote_delim", true) };
  const missing = bytesOf(textAttribute(node, "na_value", ""));
  const columns = intsAttribute(node, "select_cols", []);
  return onHostMany((records, ...defaults) => {
    if (defaults.length !== dtypes.length)
      throw malformed(`${defaults.length} defaults are given, not ${dtypes.length}`);
    const rows = stringsOf(records).map((record, row) => {
      const all = fieldsOf(record, { ...form, row });
      const fields = columns.length === 0 ? all : columns.flatMap((column) => all.slice(column, column + 1));
      if (fields.length === dtypes.length) return fields;
      throw mismatch(`record ${row} has ${fields.length} of ${dtypes.length} fields`);
    });
    return defaults.map((fallback, column) => {
      const result = blank(dtypes[column] ?? "string", records.shape);
      const target = elementsOf(result);
      for (const [row, fields] of rows.entries()) {
        const field = fields[column] ?? missing;
        target[row] =
          field.length === 0 || sameBytes(field, missing)
            ? onlyOf(fallback, { row, column })
            : valueOf(field, result.dtype, { row, column });
      }
      return result;
    });
  });
};

interface Place {
  readonly row: number;
  readonly column: number;
}

function onlyOf(fallback: Tensor, { row, column }: Place): unknown {
  if (sizeOf(fallback.shape) > 0) return elementsOf(fallback)[0];
  throw mismatch(`field ${column} of record ${row} is missing and has no default`);
}

function valueOf(field: Uint8Array, dtype: DType, { row, column }: Place): unknown {
  if (dtype === "string") return field;
  const value = parseNumber(textOf(field), dtype);
  if (value !== undefined) return value;
  throw mismatch(`field ${column} of record ${row} is no ${dtype}: ${JSON.stringify(textOf(field.subarray(0, 40)))}`);
}

/** Operations that read values that commas separate. */
export const CSV: KernelTable = { DecodeCSV: decodeCsv };
