import { concat, spliced, varint } from "./bytes.js";
import { mutateMessage } from "./mutate-message.js";
import { EDGES, type MutationSource } from "./mutation-source.js";

type Mutation = (bytes: Uint8Array, source: MutationSource) => Uint8Array;

const flipBit: Mutation = (bytes, { random }) => {
  const at = random.below(bytes.length);
  return spliced(bytes, at, { length: 1, by: Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))) });
};

const setByte: Mutation = (bytes, { random }) =>
  spliced(bytes, random.below(bytes.length), { length: 1, by: Uint8Array.of(random.below(256)) });

const addToByte: Mutation = (bytes, { random }) => {
  const at = random.below(bytes.length);
  return spliced(bytes, at, { length: 1, by: Uint8Array.of((bytes[at] ?? 0) + random.below(9) - 4) });
};

/** A word of 1, 2, 4 or 8 bytes, of either order. */
const setWord: Mutation = (bytes, { random }) => {
  const width = random.pick([1, 2, 4, 8]);
  const word = new Uint8Array(8);
  new DataView(word.buffer).setBigUint64(0, BigInt.asUintN(64, random.pick(EDGES)), true);
  const by = random.oneIn(2) ? word.slice(0, width) : word.slice(0, width).reverse();
  return spliced(bytes, random.below(bytes.length), { length: width, by });
};

const setVarint: Mutation = (bytes, { random }) => {
  const at = random.below(bytes.length);
  let end = at;
  while ((bytes[end] ?? 0) >= 0x80 && end - at < 9) end++;
  return spliced(bytes, at, { length: end + 1 - at, by: varint(random.pick(EDGES)) });
};

const removePart: Mutation = (bytes, { random }) => {
  const length = random.length(bytes.length);
  return spliced(bytes, random.below(bytes.length - length + 1), { length, by: new Uint8Array(0) });
};

const cutOff: Mutation = (bytes, { random }) => bytes.slice(0, random.below(bytes.length));

const repeatPart: Mutation = (bytes, { random }) => {
  const length = random.length(Math.min(bytes.length, 4_096));
  const from = random.below(bytes.length - length + 1);
  const part = bytes.subarray(from, from + length);
  const times = random.oneIn(8) ? random.length(64) : 1;
  return spliced(bytes, random.below(bytes.length + 1), {
    length: random.oneIn(2) ? length : 0,
    by: concat(...Array.from({ length: times }, () => part)),
  });
};

const insertNoise: Mutation = (bytes, { random }) => {
  const by = Uint8Array.from({ length: random.length(32) }, () => random.below(256));
  return spliced(bytes, random.below(bytes.length + 1), { length: random.oneIn(2) ? by.length : 0, by });
};

const insertToken: Mutation = (bytes, { random, tokens }) => {
  if (tokens.length === 0) return bytes;
  const by = random.pick(tokens);
  return spliced(bytes, random.below(bytes.length + 1), { length: random.oneIn(2) ? by.length : 0, by });
};

const crossOver: Mutation = (bytes, { random, other }) => {
  const length = random.length(other.length);
  const from = random.below(other.length - length + 1);
  const by = other.subarray(from, from + length);
  return spliced(bytes, random.below(bytes.length + 1), { length: random.oneIn(2) ? by.length : 0, by });
};

const onBytes: readonly Mutation[] = [
  flipBit,
  setByte,
  addToByte,
  setWord,
  setVarint,
  removePart,
  cutOff,
  repeatPart,
  insertNoise,
  insertToken,
  flipBit,
  setByte,
  setWord,
  setVarint,
  insertToken,
  crossOver,
];

/** Another input, made of `bytes` by a few changes. */
export function mutate(bytes: Uint8Array, source: MutationSource): Uint8Array {
  const { random, isMessage, maxBytes } = source;
  let result = bytes;
  // Bytes that are changed at random are hardly ever messages with the right lengths: most inputs keep those right.
  const keepsLengths = isMessage && !random.oneIn(4);
  for (let changes = random.length(8); changes > 0; changes--) {
    const change = keepsLengths ? mutateMessage : random.pick(onBytes);
    const next = change(result, source);
    if (next.length <= maxBytes) result = next;
  }
  return result;
}
