import { allocate, type DType, ServingError } from "@servable/core";

/** What one operation may allocate: as much as half of what WebAssembly can address. */
export const OPERATION_BYTES: number = 2 ** 31;

let left: number | undefined;

/**
 * Runs `work`, all of whose results and what it needs on the way may take `bytes` together. Kernels account for what
 * they make before they make it, so that no input makes one take all memory: see {@link spend}.
 */
export function withAllowance<T>(bytes: number, work: () => T): T {
  const outer = left;
  left = bytes;
  try {
    return work();
  } finally {
    left = outer;
  }
}

/**
 * Accounts for memory that is about to be taken.
 * @throws ServingError RESOURCE_EXHAUSTED if that is more than is left
 */
export function spend(bytes: number): void {
  const allowance = left ?? OPERATION_BYTES;
  if (!(bytes <= allowance)) {
    throw new ServingError("RESOURCE_EXHAUSTED", `it wants ${bytes} bytes at once; the limit is ${OPERATION_BYTES}`);
  }
  if (left !== undefined) left -= bytes;
}

/** Bytes that a list takes for each of its items, a string with what the engine keeps about it. */
const ITEM_BYTES = 16;
const STRING_BYTES = 128;

/**
 * The length of a list that is about to be made.
 * @throws ServingError RESOURCE_EXHAUSTED if there is no room for it, INVALID_ARGUMENT if it is no length
 */
export function checkedLength(length: number): number {
  if (!Number.isInteger(length) || length < 0) {
    throw new ServingError("INVALID_ARGUMENT", `there cannot be ${length} of anything`);
  }
  spend(length * ITEM_BYTES);
  return length;
}

/** Accounts for a string of so many bytes. */
export function spendString(bytes: number): void {
  spend(bytes + STRING_BYTES);
}

const BITS = /\d+$/;

/** Bytes that `size` elements of a dtype take. */
export function bytesFor(dtype: DType, size: number): number {
  if (dtype === "string") return size * ITEM_BYTES;
  if (dtype === "bool") return size;
  // Half types are kept as float32.
  return size * Math.max(dtype.endsWith("float16") ? 4 : 1, Number(BITS.exec(dtype)?.[0] ?? 8) / 8);
}

/**
 * Storage for elements of a dtype: zeros, false, or empty strings.
 * @throws ServingError RESOURCE_EXHAUSTED if there is no room for it
 */
export function reserve(dtype: DType, size: number): ReturnType<typeof allocate> {
  spend(bytesFor(dtype, size));
  return allocate(dtype, size);
}
