// FarmHash's Fingerprint64, from Google's published description: it is fixed for all time, so that what was hashed in
// training is found again in serving. All arithmetic is modulo 2^64.

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const BLOCK = 64;

type Pair = readonly [bigint, bigint];

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate(value: bigint, by: bigint): bigint {
  const word = wrap(value);
  return (word >> by) | wrap(word << (64n - by));
}

function shiftMix(value: bigint): bigint {
  const word = wrap(value);
  return word ^ (word >> 47n);
}

/** Two words into one. */
function mix(one: bigint, other: bigint, multiplier: bigint): bigint {
  const first = shiftMix(wrap(one ^ other) * multiplier);
  return wrap(shiftMix((wrap(other) ^ first) * multiplier) * multiplier);
}

/** 32 bytes and two seeds into two words. */
function mixBlock(view: DataView, at: number, [first, second]: Pair): Pair {
  const word = (index: number): bigint => view.getBigUint64(at + 8 * index, true);
  const start = wrap(first + word(0));
  const sum = wrap(start + word(1) + word(2));
  return [wrap(sum + word(3)), wrap(rotate(second + start + word(3), 21n) + rotate(sum, 44n) + start)];
}

function upTo16(bytes: Uint8Array, view: DataView): bigint {
  const { length } = bytes;
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  if (length >= 8) {
    const first = wrap(view.getBigUint64(0, true) + K2);
    const last = view.getBigUint64(length - 8, true);
    const one = rotate(last, 37n) * multiplier + first;
    const other = wrap((rotate(first, 25n) + last) * multiplier);
    return mix(wrap(one), other, multiplier);
  }
  if (length >= 4) {
    const first = BigInt(view.getUint32(0, true));
    return mix(BigInt(length) + (first << 3n), BigInt(view.getUint32(length - 4, true)), multiplier);
  }
  if (length === 0) return K2;
  const low = BigInt((bytes[0] ?? 0) + ((bytes[length >> 1] ?? 0) << 8));
  const high = BigInt(length + ((bytes[length - 1] ?? 0) << 2));
  return wrap(shiftMix(wrap(low * K2) ^ wrap(high * K0)) * K2);
}

function upTo32(view: DataView): bigint {
  const length = view.byteLength;
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(view.getBigUint64(0, true) * K1);
  const b = view.getBigUint64(8, true);
  const c = wrap(view.getBigUint64(length - 8, true) * multiplier);
  const d = wrap(view.getBigUint64(length - 16, true) * K2);
  return mix(wrap(rotate(a + b, 43n) + rotate(c, 30n) + d), wrap(a + rotate(b + K2, 18n) + c), multiplier);
}

function upTo64(view: DataView): bigint {
  const length = view.byteLength;
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(view.getBigUint64(0, true) * K2);
  const b = view.getBigUint64(8, true);
  const c = wrap(view.getBigUint64(length - 8, true) * multiplier);
  const d = wrap(view.getBigUint64(length - 16, true) * K2);
  const y = wrap(rotate(a + b, 43n) + rotate(c, 30n) + d);
  const z = mix(y, wrap(a + rotate(b + K2, 18n) + c), multiplier);
  const e = wrap(view.getBigUint64(16, true) * multiplier);
  const f = view.getBigUint64(24, true);
  const g = wrap((y + view.getBigUint64(length - 32, true)) * multiplier);
  const h = wrap((z + view.getBigUint64(length - 24, true)) * multiplier);
  return mix(wrap(rotate(e + f, 43n) + rotate(g, 30n) + h), wrap(e + rotate(f + a, 18n) + g), multiplier);
}

interface State {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly v: Pair;
  readonly w: Pair;
}

interface Weights {
  readonly multiplier: bigint;
  /** 1 within the string, 9 at its end. */
  readonly weight: bigint;
}

function step({ x, y, z, v, w }: State, view: DataView, { at, multiplier, weight }: Weights & { at: number }): State {
  const word = (offset: number): bigint => view.getBigUint64(at + offset, true);
  const nextZ = wrap(rotate(x + y + v[0] + word(8), 37n) * multiplier) ^ wrap(w[1] * weight);
  const nextY = wrap(rotate(y + v[1] + word(48), 42n) * multiplier + v[0] * weight + word(40));
  const nextX = wrap(rotate(z + w[0], 33n) * multiplier);
  return {
    x: nextX,
    y: nextY,
    z: nextZ,
    v: mixBlock(view, at, [wrap(v[1] * multiplier), wrap(nextZ + w[0])]),
    w: mixBlock(view, at + 32, [wrap(nextX + w[1]), wrap(nextY + word(16))]),
  };
}

function longer(view: DataView): bigint {
  const seed = 81n;
  const y = wrap(seed * K1 + 113n);
  let state: State = {
    x: wrap(seed * K2 + view.getBigUint64(0, true)),
    y,
    z: wrap(shiftMix(y * K2 + 113n) * K2),
    v: [0n, 0n],
    w: [0n, 0n],
  };
  const rest = (view.byteLength - 1) % BLOCK;
  const end = view.byteLength - 1 - rest;
  for (let at = 0; at < end; at += BLOCK) state = step(state, view, { at, multiplier: K1, weight: 1n });
  const multiplier = wrap(K1 + ((state.z & 0xffn) << 1n));
  // The last block is the string's last 64 bytes, some of which the block before may have had.
  const second = wrap(state.w[0] + BigInt(rest));
  const first = wrap(state.v[0] + second);
  state = { ...state, v: [first, state.v[1]], w: [wrap(second + first), state.w[1]] };
  const { x, y: last, z, v, w } = step(state, view, { at: view.byteLength - BLOCK, multiplier, weight: 9n });
  const one = wrap(mix(v[0], w[0], multiplier) + shiftMix(last) * K0 + z);
  return mix(one, wrap(mix(v[1], w[1], multiplier) + x), multiplier);
}

/** FarmHash Fingerprint64 of bytes, as an unsigned 64-bit integer. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length <= 16) return upTo16(bytes, view);
  if (bytes.length <= 32) return upTo32(view);
  return bytes.length <= BLOCK ? upTo64(view) : longer(view);
}
