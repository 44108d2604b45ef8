import type { BundleEntryProto } from "@servable/tf-proto";
import type { ReadFile } from "../read-file.js";
import { SavedModelError } from "../saved-model-error.js";
import { dataFromBytes, itemBytes, type StoredTensor, storedDType } from "../stored-tensor.js";
import { knownShapeOf } from "../tensor-shape.js";
import { crc32c, maskCrc } from "./crc32c.js";
import { sliceKey } from "./slice-key.js";
import { joinSlices, slicesOf } from "./slices.js";
import { decodeStrings } from "./string-tensor.js";
import { keyBytes } from "./table.js";

/** Where the bytes of entries are found. */
export interface EntrySource {
  readonly entries: ReadonlyMap<string, BundleEntryProto>;
  /** Names of the shards' files. */
  readonly shards: readonly string[];
  readonly read: ReadFile;
}

interface EntryName {
  /** As in the table. */
  readonly key: string;
  /** Names the tensor in messages. */
  readonly where: string;
}

/** The tensor of an entry, whole or put together from its parts, as `Bundle.read` describes. */
export async function readEntry(source: EntrySource, entry: BundleEntryProto, name: EntryName): Promise<StoredTensor> {
  const { where } = name;
  const dtype = storedDType(entry.dtype, where);
  const { shape, size } = knownShapeOf(entry.shape, where);
  if (dtype === "string") {
    if (entry.slices.length > 0) throw new SavedModelError("UNSUPPORTED", `${where}: it is partitioned, of strings`);
    // An element takes a byte at least: that of its length.
    if (entry.size < size) throw misfit(entry, shape, where);
    const bytes = await readBytes(source, entry, where);
    return { dtype, shape, data: decodeStrings(bytes, size, { where, crc: entry.crc32c }) };
  }
  const item = itemBytes(dtype);
  const bytes =
    entry.slices.length > 0
      ? await readSlices(source, entry, { ...name, shape, item })
      : await readNumbers(source, entry, { where, shape, byteSize: size * item });
  return { dtype, shape, data: dataFromBytes(dtype, bytes) };
}

async function readBytes(source: EntrySource, entry: BundleEntryProto, where: string): Promise<Uint8Array> {
  const start = Number(entry.offset);
  const size = Number(entry.size);
  const bytes = await source.read(source.shards[entry.shardId] ?? "", { start, end: start + size });
  if (bytes.length === size) return bytes;
  throw new SavedModelError(
    "DATA_LOSS",
    `${where}: the shard is cut short, ${bytes.length} of ${size} bytes are there`,
  );
}

interface Numbers {
  readonly where: string;
  readonly shape: readonly number[];
  readonly byteSize: number;
}

/** Verified bytes of an entry that is no partitioned tensor. */
async function readNumbers(source: EntrySource, entry: BundleEntryProto, wanted: Numbers): Promise<Uint8Array> {
  const { where, shape, byteSize } = wanted;
  // Before anything is read or allocated: a claim of more elements than there are bytes is a lie.
  if (Number(entry.size) !== byteSize) throw misfit(entry, shape, where);
  const bytes = await readBytes(source, entry, where);
  if (maskCrc(crc32c(bytes)) === entry.crc32c) return bytes;
  throw new SavedModelError("DATA_LOSS", `${where}: the checksum is wrong; the file is corrupt or was cut short`);
}

interface Partitioned extends EntryName {
  readonly shape: readonly number[];
  readonly item: number;
}

async function readSlices(source: EntrySource, entry: BundleEntryProto, whole: Partitioned): Promise<Uint8Array> {
  const { key, where, shape, item } = whole;
  const name = keyBytes(key);
  const parts = [];
  for (const slice of slicesOf(entry, shape, where)) {
    const part = source.entries.get(sliceKey(name, slice));
    if (part === undefined || part.slices.length > 0 || part.dtype !== entry.dtype) {
      throw new SavedModelError("DATA_LOSS", `${where}: the part at [${slice.start.join(", ")}] is missing`);
    }
    const size = slice.shape.reduce((product, dimension) => product * dimension, item);
    parts.push({ slice, bytes: await readNumbers(source, part, { where, shape: slice.shape, byteSize: size }) });
  }
  return joinSlices(parts, shape, item);
}

function misfit({ size }: BundleEntryProto, shape: readonly number[], where: string): SavedModelError {
  return new SavedModelError("DATA_LOSS", `${where}: shape [${shape.join(", ")}] does not fit its ${size} bytes`);
}
