import { allocate, type DType, ServingError } from "@servable/core";

/** What one operation may allocate: as much as half of what WebAssembly can address. */
export const OPERATION_BYTES: number = 2 ** 31;

let left: number | undefined;

/** What may be taken from now on, or nothing that is accounted for; gives what was left, to be put back. */
export function allow(bytes: number | undefined): number | undefined {
  const outer = left;
  left = bytes;
  return outer;
}

/**
 * Runs `work`, all of whose results and what it needs on the way may take `bytes` together. Kernels account for what
 * they make before they make it, so that no input makes one take all memory: see {@link spend}.
 */
export function withAllowance<T>(bytes: number, work: () => T): T {
  const outer = allow(bytes);
  try {
    return work();
  } finally {
    allow(outer);
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

/** Bytes of one element. Half types are kept as float32. */
const ELEMENT_BYTES: Readonly<Record<DType, number>> = {
  string: ITEM_BYTES,
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 4,
  bfloat16: 4,
  float32: 4,
  int32: 4,
  uint32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
  complex64: 8,
  complex128: 16,
};

/** Bytes that `size` elements of a dtype take. */
export function bytesFor(dtype: DType, size: number): number {
  return size * ELEMENT_BYTES[dtype];
}

/**
 * Storage for elements of a dtype: zeros, false, or empty strings.
 * @throws ServingError RESOURCE_EXHAUSTED if there is no room for it
 */
export function reserve(dtype: DType, size: number): ReturnType<typeof allocate> {
  spend(bytesFor(dtype, size));
  return allocate(dtype, size);
}
