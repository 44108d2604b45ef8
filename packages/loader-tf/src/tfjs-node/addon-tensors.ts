import { type DType, isStorageOf, ServingError, type Tensor, type TensorData } from "@servable/core";
import type { SavedSignature } from "@servable/saved-model";
import type { Addon, AddonTensor } from "./addon.js";

/** TensorFlow's numbers of the types that the addon takes. */
const TAKES: ReadonlyMap<DType, number> = new Map([
  ["float32", 1],
  ["int32", 3],
  ["uint8", 4],
  ["string", 7],
  ["int64", 9],
  ["bool", 10],
]);

/** TensorFlow's numbers of the types that the addon gives. */
const GIVES: ReadonlyMap<DType, number> = new Map([
  ["float32", 1],
  ["int32", 3],
  ["string", 7],
  ["complex64", 8],
  ["int64", 9],
  ["bool", 10],
]);

/** The ports of a signature whose types tfjs-node cannot take or give; empty for one that can be called. */
export function unknownTypes({ inputs, outputs }: SavedSignature): readonly string[] {
  const lacking = (ports: SavedSignature["inputs"], known: ReadonlyMap<DType, number>, kind: string): string[] =>
    Object.entries(ports).flatMap(([name, { dtype }]) => (known.has(dtype) ? [] : [`${kind} ${name} (${dtype})`]));
  return [...lacking(inputs, TAKES, "input"), ...lacking(outputs, GIVES, "output")];
}

/** Hands a tensor to the addon, which reads its memory until it is deleted. */
export function createTensor(addon: Addon, { dtype, shape, data }: Tensor): number {
  const code = TAKES.get(dtype);
  if (code === undefined) throw new ServingError("UNSUPPORTED", `tfjs-node takes no ${dtype}; use the engine native`);
  return addon.createTensor(shape, code, asTaken(dtype, data));
}

function asTaken(dtype: DType, data: TensorData): Parameters<Addon["createTensor"]>[2] {
  if (data instanceof BigInt64Array) return new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  // Node's Buffers are bytes, too, and the addon would not know them.
  if (dtype === "string" && !ArrayBuffer.isView(data)) return data;
  return ArrayBuffer.isView(data) ? data : [];
}

/** Reads a tensor out of the addon. */
export function readTensor(addon: Addon, { id, shape, dtype: code }: AddonTensor, dtype: DType): Tensor {
  if (code !== GIVES.get(dtype)) {
    throw new ServingError("INTERNAL", `TensorFlow gave type ${code} where the signature has ${dtype}`);
  }
  const data: unknown = addon.tensorDataSync(id);
  if (isStorageOf(dtype, data)) return { dtype, shape: [...shape], data };
  throw new ServingError("INTERNAL", `tfjs-node gave no storage for ${dtype}`);
}
