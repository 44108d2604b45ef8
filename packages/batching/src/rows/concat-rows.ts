import { allocate, ServingError, sizeOf, type Tensor, type TensorData } from "@servable/core";

/**
 * Tensors of one dtype and of the same sizes after the first, one below the other; `padding` further rows repeat the
 * first row of the last tensor, so that a model meets no values that nobody sent. The result has memory of its own.
 * @throws ServingError INTERNAL if there is no tensor, their sizes differ, or a row to repeat is missing
 */
export function concatRows(tensors: readonly Tensor[], padding = 0): Tensor {
  const last = tensors.at(-1);
  if (last === undefined) throw new ServingError("INTERNAL", "no tensors to put together");
  const { dtype } = last;
  const tail = last.shape.slice(1);
  const isOneTail = tensors.every(({ shape }) => shape.length > 0 && shape.slice(1).join() === tail.join());
  if (!isOneTail) throw new ServingError("INTERNAL", "tensors of different sizes cannot be put together");
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0) + padding;
  const data = allocate(dtype, rows * sizeOf(tail));
  let at = 0;
  for (const tensor of tensors) at = put(data, tensor.data, at);
  const rowLength = padding === 0 ? 0 : last.data.length / (last.shape[0] ?? 0);
  if (!Number.isSafeInteger(rowLength)) throw new ServingError("INTERNAL", "there is no row to pad a batch with");
  const row = last.data.slice(0, rowLength);
  for (let index = 0; index < padding; index++) at = put(data, row, at);
  return { dtype, shape: [rows, ...tail], data };
}

/** `count` rows of a tensor from row `start` on, in memory of their own. */
export function sliceRows({ dtype, shape, data }: Tensor, start: number, count: number): Tensor {
  const [rows = 0, ...tail] = shape;
  const rowLength = rows === 0 ? 0 : data.length / rows;
  return { dtype, shape: [count, ...tail], data: data.slice(start * rowLength, (start + count) * rowLength) };
}

/** Copies `source` into `target` from `at` on, both the storage of one dtype; gives the place after it. */
function put(target: ReturnType<typeof allocate>, source: TensorData, at: number): number {
  if (ArrayBuffer.isView(target)) {
    // As bytes, so that one line does for every kind of typed array.
    if (ArrayBuffer.isView(source)) bytesOf(target).set(bytesOf(source), at * target.BYTES_PER_ELEMENT);
  } else if (!ArrayBuffer.isView(source)) {
    for (let index = 0; index < source.length; index++) target[at + index] = source[index] ?? EMPTY;
  }
  return at + source.length;
}

const EMPTY = new Uint8Array(0);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
