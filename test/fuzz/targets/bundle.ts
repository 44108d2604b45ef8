import { openBundle, type ReadFile, SavedModelError } from "@servable/saved-model";
import { crc32c, maskCrc } from "../../../packages/saved-model/src/bundle/crc32c.js";
import { entryBytes, indexOf, shapeProto } from "../../../packages/saved-model/src/testing/bundle-writer.js";
import { fileBytes, modelFolders } from "../fixture-files.js";
import type { Target } from "../target.js";

const PREFIX = "variables/variables";
const FOOTER_BYTES = 48;
/** Every shard, whatever it is called. */
const SHARD = fileBytes("fixtures/half_plus_two/1/variables/variables.data-00000-of-00001");

/** A tensor in two parts, beside a whole one. */
function partitioned(): Uint8Array {
  const bytes = SHARD.subarray(0, 8);
  const extent = (start: bigint, value: bigint) => ({
    extent: [{ start, hasLength: { $case: "length" as const, value } }],
  });
  const part = { size: 8n, crc32c: maskCrc(crc32c(bytes)), shape: shapeProto([2]) };
  return indexOf([
    ["whole", entryBytes("float32", part)],
    ["parted", entryBytes("float32", { slices: [extent(0n, 2n), extent(2n, 2n)], shape: shapeProto([4]) })],
    // As TensorFlow codes the keys of parts: 0, the name, 0 1, the rank, then start and length.
    ["\0parted\0\x01\x01\x01\x80\x82", entryBytes("float32", part)],
    ["\0parted\0\x01\x01\x01\x82\x82", entryBytes("float32", part)],
  ]);
}

/** A number of up to 32 bits and where it ends. */
function varintAt(bytes: Uint8Array, start: number): readonly [number, number] {
  let value = 0;
  for (let at = start; at < start + 5; at++) {
    value += ((bytes[at] ?? 0) & 0x7f) * 2 ** (7 * (at - start));
    if ((bytes[at] ?? 0) < 0x80) return [value, at + 1];
  }
  return [value, start + 5];
}

/** Writes the right checksum behind a block, if it lies within the file; gives where the block is. */
function sign(file: Uint8Array, handle: number): readonly [number, number] | undefined {
  const [offset, next] = varintAt(file, handle);
  const [size] = varintAt(file, next);
  const end = offset + size + 1;
  if (end + 4 > file.length) return undefined;
  new DataView(file.buffer).setUint32(end, maskCrc(crc32c(file.subarray(offset, end))), true);
  return [offset, offset + size];
}

function repair(input: Uint8Array): Uint8Array {
  const file = input.slice();
  const footer = file.length - FOOTER_BYTES;
  if (footer < 0) return file;
  const [, afterOffset] = varintAt(file, footer);
  const [, index] = varintAt(file, afterOffset);
  const [start, end] = sign(file, index) ?? [0, 0];
  for (let at = start, entries = 0; at < end && entries < 64; entries++) {
    const [, rest] = varintAt(file, at);
    const [length, afterRest] = varintAt(file, rest);
    const [size, key] = varintAt(file, afterRest);
    if (key + length < file.length) sign(file, key + length);
    at = key + length + size;
  }
  // Signing a block may have written into another: the index goes last.
  sign(file, index);
  return file;
}

/** variables.index: the table, and each tensor that it names. */
export const bundle: Target = {
  name: "variables.index",
  seeds: () => [
    ...modelFolders().map((folder) => fileBytes(`${folder}/variables/variables.index`)),
    partitioned(),
    indexOf([["text", entryBytes("string", { size: 16n, shape: shapeProto([2]) })]]),
  ],
  tokens: [Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb), Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)],
  isMessage: false,
  maxBytes: 8_192,
  repair,
  async run(input) {
    const read: ReadFile = async (name, range) =>
      (name.endsWith(".index") ? input : SHARD).slice(range?.start, range?.end);
    const { keys, read: readTensor } = await openBundle(read, PREFIX);
    for (const key of keys.slice(0, 32)) {
      try {
        await readTensor(key);
      } catch (error) {
        // One tensor that cannot be read does not keep the others from it.
        if (!(error instanceof SavedModelError)) throw error;
      }
    }
  },
};
