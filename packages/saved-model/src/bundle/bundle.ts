import { BundleEntryProto, BundleHeaderProto, BundleHeaderProto_Endianness } from "@servable/tf-proto";
import { SavedModelError } from "../saved-model-error.js";
import { dataFromBytes, itemBytes, type StoredTensor, storedDType } from "../stored-tensor.js";
import { knownShapeOf } from "../tensor-shape.js";
import { crc32c, maskCrc } from "./crc32c.js";
import { decodeStrings } from "./string-tensor.js";
import { readTable } from "./table.js";

/** Reads a file of a model version, or bytes `start` up to, not including, `end` of it. */
export type ReadFile = (name: string, range?: { readonly start: number; readonly end: number }) => Promise<Uint8Array>;

/** A checkpoint in TensorFlow's tensor bundle format: an index and shards of data. */
export interface Bundle {
  /** The names of the tensors. */
  readonly keys: readonly string[];
  has(key: string): boolean;
  /**
   * Reads one tensor and verifies its checksum.
   * @throws SavedModelError NOT_FOUND if there is none of that name, DATA_LOSS if it is cut short, corrupt, or does not
   * fit its shape, UNSUPPORTED for a type that no tensor has here or a partitioned tensor
   */
  read(key: string): Promise<StoredTensor>;
  /** The shards, with the bytes that each must have at least. */
  readonly shards: readonly { readonly name: string; readonly minBytes: number }[];
  /** Bytes of all tensors together. */
  readonly totalBytes: number;
}

/**
 * Opens the bundle whose index is `prefix`.index.
 * @throws SavedModelError DATA_LOSS for a corrupt index, UNSUPPORTED for a big-endian bundle
 */
export async function openBundle(read: ReadFile, prefix: string): Promise<Bundle> {
  return readIndex(await read(`${prefix}.index`), read, prefix);
}

function readIndex(index: Uint8Array, read: ReadFile, prefix: string): Bundle {
  const what = `${prefix}.index`;
  const table = readTable(index, what);
  const header = decode(BundleHeaderProto, table.get("") ?? new Uint8Array(0), what);
  if (header.endianness !== BundleHeaderProto_Endianness.LITTLE) {
    throw new SavedModelError("UNSUPPORTED", `${what}: it was written on a big-endian machine`);
  }
  table.delete("");
  if (!(header.numShards >= 1 && header.numShards <= 99_999)) {
    throw new SavedModelError("DATA_LOSS", `${what}: ${header.numShards} shards`);
  }
  const entries = new Map([...table].map(([key, value]) => [key, decode(BundleEntryProto, value, what)]));
  const shards = Array.from({ length: header.numShards }, (_, shard) => ({
    name: `${prefix}.data-${digits(shard)}-of-${digits(header.numShards)}`,
    minBytes: 0,
  }));
  let totalBytes = 0;
  for (const [key, entry] of entries) {
    const shard = shards[entry.shardId];
    const end = entry.offset + entry.size;
    if (shard === undefined || entry.offset < 0n || entry.size < 0n || end > Number.MAX_SAFE_INTEGER) {
      throw new SavedModelError("DATA_LOSS", `${what}: the place of ${key} is out of range`);
    }
    if (entry.slices.length > 0) continue;
    shard.minBytes = Math.max(shard.minBytes, Number(end));
    totalBytes += Number(entry.size);
  }
  return {
    keys: [...entries.keys()],
    has: (key) => entries.has(key),
    shards,
    totalBytes,
    async read(key) {
      const entry = entries.get(key);
      const shard = shards[entry?.shardId ?? 0];
      if (entry === undefined || shard === undefined) {
        throw new SavedModelError("NOT_FOUND", `${what} has no tensor ${key}`);
      }
      if (entry.slices.length > 0) throw new SavedModelError("UNSUPPORTED", `${key} is a partitioned variable`);
      return readTensor(entry, { key, shard: shard.name, read });
    },
  };
}

function digits(shard: number): string {
  return String(shard).padStart(5, "0");
}

function decode<T>(message: { decode(bytes: Uint8Array): T }, bytes: Uint8Array, what: string): T {
  try {
    return message.decode(bytes);
  } catch (error) {
    throw new SavedModelError("DATA_LOSS", `${what} is corrupt: an entry cannot be decoded`, { cause: error });
  }
}

interface Place {
  readonly key: string;
  readonly shard: string;
  readonly read: ReadFile;
}

async function readTensor(entry: BundleEntryProto, { key, shard, read }: Place): Promise<StoredTensor> {
  const where = `${shard}: ${key}`;
  const dtype = storedDType(entry.dtype, where);
  const { shape, size } = knownShapeOf(entry.shape, where);
  const byteSize = Number(entry.size);
  const wanted = (itemBytes(dtype) ?? 0) * size;
  // Before anything is read or allocated: a claim of more elements than there are bytes is a lie.
  if (dtype === "string" ? byteSize < size : byteSize !== wanted) {
    throw new SavedModelError(
      "DATA_LOSS",
      `${where}: shape [${shape.join(", ")}] of ${dtype} does not fit its ${byteSize} bytes`,
    );
  }
  const start = Number(entry.offset);
  const bytes = await read(shard, { start, end: start + byteSize });
  if (bytes.length !== byteSize) throw new SavedModelError("DATA_LOSS", `${where}: the shard is cut short`);
  if (dtype === "string") return { dtype, shape, data: decodeStrings(bytes, size, { where, crc: entry.crc32c }) };
  if (maskCrc(crc32c(bytes)) !== entry.crc32c) {
    throw new SavedModelError("DATA_LOSS", `${where}: the checksum is wrong; the file is corrupt or was cut short`);
  }
  return { dtype, shape, data: dataFromBytes(dtype, bytes) };
}
