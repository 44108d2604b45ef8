/** A part of a tensor: where it begins and how far it goes, per dimension. */
export interface Slice {
  readonly start: readonly number[];
  readonly shape: readonly number[];
  /** Per dimension, whether it was stored as "all of it", without a length. */
  readonly all: readonly boolean[];
}

/** -1 in the code of `signed`. */
const MINUS_ONE = [0x7f];

/**
 * The key under which a part of the tensor `name` lies in the index, in the form of `readTable`'s keys.
 *
 * TensorFlow writes it in an order-preserving code: the number 0, the name with its 00 and FF bytes escaped and 00 01
 * at its end, the rank, then start and length of each dimension, -1 where the part says "all of it".
 */
export function sliceKey(name: Uint8Array, { start, shape, all }: Slice): string {
  const bytes = [0];
  for (const byte of name) {
    bytes.push(byte);
    if (byte === 0x00) bytes.push(0xff);
    if (byte === 0xff) bytes.push(0x00);
  }
  bytes.push(0, 1, ...unsigned(start.length));
  for (const [dimension, length] of shape.entries()) {
    bytes.push(...signed(start[dimension] ?? 0), ...(all[dimension] ? MINUS_ONE : signed(length)));
  }
  return bytes.map((byte) => String.fromCharCode(byte)).join("");
}

/** Whether a key is that of a part and not of a whole tensor. */
export function isSliceKey(key: string): boolean {
  return key.startsWith("\0");
}

/** How many bytes follow, then the bytes, big-endian. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [bytes.length, ...bytes];
}

/** As many leading one bits as there are bytes, a zero bit, then the number, big-endian; for numbers from 0 on. */
function signed(value: number): number[] {
  let count = 1;
  while (value >= 2 ** (7 * count - 1)) count++;
  const bytes: number[] = [];
  for (let rest = value; bytes.length < count; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  for (let bit = 0; bit < count; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return bytes;
}
