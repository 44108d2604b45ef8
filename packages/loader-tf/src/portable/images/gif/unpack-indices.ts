import { damaged } from "../image.js";

/** Codes have at most this many bits. */
const MAX_BITS = 12;
/** Stands for no code. */
const NONE = -1;

/**
 * Undoes the compression of Lempel, Ziv and Welch (IEEE Computer, 1984) as GIF has it.
 * @param depth bits of an index
 * @param count indices that are wanted; what follows them is not looked at
 * @throws ServingError INVALID_ARGUMENT if they are not there
 */
export function unpackIndices(compressed: Uint8Array, depth: number, count: number): Uint8Array {
  // Each code is one more index than the last one at most, so that a short file need not take memory first.
  if (count > compressed.length * (1 << MAX_BITS)) throw damaged("GIF", "it is cut short");
  const indices = new Uint8Array(count);
  const clear = 1 << depth;
  const prefixes = new Int16Array(1 << MAX_BITS);
  const lasts = new Uint8Array(1 << MAX_BITS);
  const lengths = new Uint16Array(1 << MAX_BITS).fill(1, 0, clear);
  for (let index = 0; index < clear; index++) lasts[index] = index;
  let next = clear + 2;
  let bits = depth + 1;
  let previous = NONE;
  let held = 0;
  let heldBits = 0;
  let position = 0;

  /** Writes what a code stands for so that it ends before `end`, and gives the first index of it. */
  const write = (code: number, end: number): number => {
    let at = end - 1;
    let current = code;
    for (let left = lengths[code] ?? 0; left > 1; left--) {
      indices[at--] = lasts[current] ?? 0;
      current = prefixes[current] ?? 0;
    }
    indices[at] = current;
    return current;
  };

  for (let to = 0; to < count; ) {
    while (heldBits < bits) {
      const byte = compressed[position++];
      if (byte === undefined) throw damaged("GIF", "it is cut short");
      held |= byte << heldBits;
      heldBits += 8;
    }
    const code = held & ((1 << bits) - 1);
    held >>>= bits;
    heldBits -= bits;
    if (code === clear) {
      next = clear + 2;
      bits = depth + 1;
      previous = NONE;
      continue;
    }
    // A code that is about to be made is the last one and its own first index again.
    const isNew = code === next && previous !== NONE;
    if (code === clear + 1 || (code >= next && !isNew)) throw damaged("GIF", "there is no such code");
    const known = isNew ? previous : code;
    const end = to + (lengths[known] ?? 0);
    const first = write(known, end);
    if (isNew) indices[end] = first;
    to = isNew ? end + 1 : end;
    if (previous !== NONE && next < 1 << MAX_BITS) {
      prefixes[next] = previous;
      lasts[next] = first;
      lengths[next] = (lengths[previous] ?? 0) + 1;
      next++;
      if (next === 1 << bits && bits < MAX_BITS) bits++;
    }
    previous = code;
  }
  return indices;
}
