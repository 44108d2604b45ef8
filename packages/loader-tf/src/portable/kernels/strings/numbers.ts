import { type DType, sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, intAttribute, textAttribute } from "../../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../../graph/dtypes.js";
import type { GraphNode } from "../../graph/graph.js";
import { unsupported } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { reserve, spend } from "../host/allowance.js";
import { bytesOf, joinBytes, stringsOf, stringTensor, textOf } from "../host/bytes.js";
import { parseNumber } from "../host/parse-number.js";
import { type NumberFormat, printf } from "../host/printf.js";
import { mismatch } from "../host/shapes.js";
import type { Elements } from "../host/strided.js";

/** Beyond this a model asks for pages of zeros. */
const MAX_WIDTH = 4_096;

const toNumber: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "out_type", ["float32", "float64", "int32", "int64", "uint32", "uint64"]);
  return onHost((x) => {
    const data = reserve(dtype, sizeOf(x.shape));
    const target = data as unknown as Elements;
    for (const [at, bytes] of stringsOf(x).entries()) {
      const value = parseNumber(textOf(bytes), dtype);
      if (value === undefined) throw mismatch(`"${textOf(bytes).slice(0, 40)}" is no number of ${dtype}`);
      target[at] = value;
    }
    return { dtype, shape: x.shape, data };
  });
};

function formatOf(node: GraphNode, dtype: DType): NumberFormat {
  const precision = intAttribute(node, "precision", -1);
  const width = Math.max(intAttribute(node, "width", -1), 0);
  const isScientific = boolAttribute(node, "scientific", false);
  const isShortest = boolAttribute(node, "shortest", false);
  const fill = textAttribute(node, "fill", "");
  const isFloat = !/int|bool|string/.test(dtype);
  if (precision > MAX_WIDTH || width > MAX_WIDTH) throw unsupported(`a width above ${MAX_WIDTH}`);
  if (isScientific && isShortest) throw unsupported("scientific and shortest at once");
  if (!isFloat && dtype !== "string" && (isScientific || isShortest || precision >= 0)) {
    throw unsupported(`precision, scientific or shortest of ${dtype}`);
  }
  const flag = fill === "" ? {} : { flag: flagOf(fill) };
  if (!isFloat) return { conversion: "d", width, ...flag };
  const conversion = isScientific ? "e" : isShortest ? "g" : "f";
  return precision < 0 ? { conversion, width, ...flag } : { conversion, precision, width, ...flag };
}

function flagOf(fill: string): "0" | " " | "+" | "-" {
  if (fill === "0" || fill === " " || fill === "+" || fill === "-") return fill;
  throw unsupported(`fill "${fill}"`);
}

function padded(value: Uint8Array, { width = 0, flag }: NumberFormat): Uint8Array {
  const blanks = new Uint8Array(Math.max(width - value.length, 0)).fill(32);
  return joinBytes(flag === "-" ? [value, blanks] : [blanks, value]);
}

function writer(dtype: DType, format: NumberFormat): (x: Tensor) => readonly Uint8Array[] {
  const { flag, ...unflagged } = format;
  // C has no sign for numbers that cannot have one.
  const own = dtype.startsWith("uint") && (flag === "+" || flag === " ") ? unflagged : format;
  if (dtype === "string") return (x) => stringsOf(x).map((value) => padded(value, format));
  if (dtype === "bool")
    return ({ data }) => Array.from(data as Uint8Array, (value) => bytesOf(value === 0 ? "false" : "true"));
  return ({ data }) => Array.from(data as ArrayLike<number | bigint>, (value) => bytesOf(printf(value, own)));
}

/** Both parts of a complex number get the format. */
function complexWriter(format: NumberFormat): (x: Tensor) => readonly Uint8Array[] {
  return ({ data }) => {
    const lanes = Array.from(data as ArrayLike<number>, (value) => printf(value, format));
    return Array.from({ length: lanes.length / 2 }, (_, at) => bytesOf(`(${lanes[2 * at]},${lanes[2 * at + 1]})`));
  };
}

const asString: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [
    ...DTYPES.numeric,
    "float16",
    "bfloat16",
    "bool",
    "string",
    "complex64",
    "complex128",
  ]);
  const format = formatOf(node, dtype);
  const write = dtype.startsWith("complex") ? complexWriter(format) : writer(dtype, format);
  const longest = Math.max(format.width ?? 0, format.precision ?? 0);
  return onHost((x) => {
    if (longest > 0) spend(x.data.length * longest);
    return stringTensor(x.shape, write(x));
  });
};

/** Operations that read and write numbers. */
export const NUMBERS: KernelTable = { AsString: asString, StringToNumber: toNumber };
