import type { DType, Tensor } from "@servable/core";
import { boolAttribute } from "../../graph/attributes.js";
import { dtypeAmong } from "../../graph/dtypes.js";
import type { GraphNode } from "../../graph/graph.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { spend } from "../host/allowance.js";
import { bitcast } from "../host/bitcast.js";
import { stringsOf } from "../host/bytes.js";
import { blank } from "../host/elements.js";
import { checkedShape, integerOf, mismatch } from "../host/shapes.js";

/** How bytes become elements. */
interface RawForm {
  readonly dtype: DType;
  /** Bytes of an element. */
  readonly width: number;
  /** Bytes that are in order of their weight: half an element if that is complex. */
  readonly word: number;
  readonly isLittle: boolean;
}

const WIDTHS: Partial<Record<DType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  float16: 2,
  bfloat16: 2,
  uint16: 2,
  int16: 2,
  float32: 4,
  int32: 4,
  float64: 8,
  int64: 8,
  complex64: 8,
  complex128: 16,
};

function formOf(node: GraphNode): RawForm {
  const dtype = dtypeAmong(node, "out_type", Object.keys(WIDTHS) as DType[]);
  const width = WIDTHS[dtype] ?? 1;
  const word = dtype.startsWith("complex") ? width / 2 : width;
  return { dtype, width, word, isLittle: boolAttribute(node, "little_endian", true) };
}

/** Each string as `length` bytes, zeros behind a shorter one, read as elements. */
function elementsFrom(input: Tensor, length: number, { dtype, width, word, isLittle }: RawForm): Tensor {
  const strings = stringsOf(input);
  const count = length / width;
  checkedShape([strings.length, length]);
  spend(strings.length * length);
  const bytes = new Uint8Array(strings.length * length);
  for (const [at, value] of strings.entries()) bytes.set(value.subarray(0, length), at * length);
  if (!isLittle) for (let at = 0; at < bytes.length; at += word) bytes.subarray(at, at + word).reverse();
  const shape = [...input.shape, count];
  if (dtype === "bool") return { dtype, shape, data: bytes.map((byte) => +(byte !== 0)) };
  if (bytes.length === 0) return blank(dtype, shape);
  return bitcast({ dtype: "uint8", shape: width === 1 ? shape : [...shape, width], data: bytes }, dtype);
}

const decodeRaw: KernelFactory = (node) => {
  const form = formOf(node);
  return onHost((input) => {
    const [first, ...others] = stringsOf(input);
    const length = first?.length ?? 0;
    for (const other of others) {
      if (other.length !== length)
        throw mismatch(`strings of ${length} and of ${other.length} bytes cannot be one tensor`);
    }
    if (length % form.width !== 0) throw mismatch(`${length} bytes are no whole number of ${form.dtype} elements`);
    return elementsFrom(input, length, form);
  });
};

const decodePaddedRaw: KernelFactory = (node) => {
  const form = formOf(node);
  return onHost((input, fixedLength) => {
    const length = integerOf(fixedLength);
    if (length <= 0 || length % form.width !== 0) {
      throw mismatch(`${length} bytes are no whole number of ${form.dtype} elements`);
    }
    return elementsFrom(input, length, form);
  });
};

/** Operations that take the bytes of strings for elements. */
export const RAW: KernelTable = { DecodePaddedRaw: decodePaddedRaw, DecodeRaw: decodeRaw };
