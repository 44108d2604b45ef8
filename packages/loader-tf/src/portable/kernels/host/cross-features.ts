import { bytesOf, joinBytes } from "./bytes.js";

/** A category by its name, or by its number. */
export type Feature = Uint8Array | bigint;

/** Makes one category of several. */
export type Combine<T> = (features: readonly Feature[]) => T;

/** Joins the names. */
export function joining(separator: Uint8Array): Combine<Uint8Array> {
  return (features) =>
    joinBytes(
      features.map((feature) => (typeof feature === "bigint" ? bytesOf(String(feature)) : feature)),
      separator,
    );
}

const MULTIPLIER = 0xc6a4a7935bd1e995n;

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function shiftMix(value: bigint): bigint {
  return value ^ (value >> 47n);
}

/** FarmHash's way to make one fingerprint of two. */
function concatenated(one: bigint, other: bigint): bigint {
  const mixed = wrap(shiftMix(wrap(other * MULTIPLIER)) * MULTIPLIER);
  return shiftMix(wrap(shiftMix(wrap((one ^ MULTIPLIER ^ mixed) * MULTIPLIER)) * MULTIPLIER));
}

/** How categories become numbers. */
export interface Hashing {
  /** What the hash begins with; with the first category itself if there is none. */
  readonly key?: bigint;
  /** 0 for as many as there are int64. */
  readonly buckets: bigint;
  /** The hash of a name, as an unsigned 64-bit integer; numbers are their own. */
  readonly hash: (name: Uint8Array) => bigint;
}

/** Hashes the categories into buckets. */
export function hashing({ key, buckets, hash }: Hashing): Combine<bigint> {
  const modulus = buckets > 0n ? buckets : 2n ** 63n - 1n;
  return (features) => {
    const hashes = features.map((feature) => (typeof feature === "bigint" ? wrap(feature) : hash(feature)));
    const all = key === undefined ? hashes : [wrap(key), ...hashes];
    return all.reduce(concatenated) % modulus;
  };
}
