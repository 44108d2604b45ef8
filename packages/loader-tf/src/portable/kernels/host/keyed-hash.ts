import { EMPTY } from "./bytes.js";

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotateLeft(value: bigint, by: bigint): bigint {
  return wrap(value << by) | (value >> (64n - by));
}

type State = readonly [bigint, bigint, bigint, bigint];

function round([v0, v1, v2, v3]: State): State {
  const a = wrap(v0 + v1);
  const b = rotateLeft(v1, 13n) ^ a;
  const c = wrap(v2 + v3);
  const d = rotateLeft(v3, 16n) ^ c;
  const e = wrap(rotateLeft(a, 32n) + d);
  const f = rotateLeft(d, 21n) ^ e;
  const g = wrap(c + b);
  return [e, rotateLeft(b, 17n) ^ g, rotateLeft(g, 32n), f];
}

function rounds(state: State, times: number): State {
  let current = state;
  for (let left = times; left > 0; left--) current = round(current);
  return current;
}

/** SipHash-2-4 (Aumasson and Bernstein, 2012) of bytes under a key of two words, as an unsigned 64-bit integer. */
export function sipHash(bytes: Uint8Array, [key0, key1]: readonly [bigint, bigint]): bigint {
  let state: State = [
    key0 ^ 0x736f6d6570736575n,
    key1 ^ 0x646f72616e646f6dn,
    key0 ^ 0x6c7967656e657261n,
    key1 ^ 0x7465646279746573n,
  ];
  const { words, rest } = wordsOf(bytes);
  const last = wrap(BigInt(bytes.length) << 56n) | littleEndian(rest);
  for (const word of [...words, last]) {
    const [v0, v1, v2, v3] = rounds([state[0], state[1], state[2], state[3] ^ word], 2);
    state = [v0 ^ word, v1, v2, v3];
  }
  const [v0, v1, v2, v3] = rounds([state[0], state[1], state[2] ^ 0xffn, state[3]], 4);
  return v0 ^ v1 ^ v2 ^ v3;
}

/** MurmurHash64A (Appleby, 2008) of bytes with a seed, as an unsigned 64-bit integer. */
export function murmurHash(bytes: Uint8Array, seed: bigint): bigint {
  const multiplier = 0xc6a4a7935bd1e995n;
  const shift = (value: bigint): bigint => value ^ (value >> 47n);
  const { words, rest } = wordsOf(bytes);
  let hash = seed ^ wrap(BigInt(bytes.length) * multiplier);
  for (const word of words) hash = wrap((hash ^ wrap(shift(wrap(word * multiplier)) * multiplier)) * multiplier);
  if (rest.length > 0) hash = wrap((hash ^ littleEndian(rest)) * multiplier);
  return shift(wrap(shift(hash) * multiplier));
}

interface Words {
  readonly words: readonly bigint[];
  /** The bytes that fill no word. */
  readonly rest: Uint8Array;
}

function wordsOf(bytes: Uint8Array): Words {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >> 3;
  const words = Array.from({ length: count }, (_, at) => view.getBigUint64(8 * at, true));
  return { words, rest: bytes.length === 8 * count ? EMPTY : bytes.subarray(8 * count) };
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
