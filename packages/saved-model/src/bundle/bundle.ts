import {
  BoundedReader,
  BundleEntryProto,
  BundleHeaderProto,
  BundleHeaderProto_Endianness,
  type ReadBudget,
} from "@servable/tf-proto";
import type { ReadFile } from "../read-file.js";
import { SavedModelError } from "../saved-model-error.js";
import type { StoredTensor } from "../stored-tensor.js";
import { type EntrySource, readEntry } from "./entry.js";
import { isSliceKey } from "./slice-key.js";
import { keyBytes, readTable } from "./table.js";

/** A checkpoint in TensorFlow's tensor bundle format: an index and shards of data. */
export interface Bundle {
  /** The names of the tensors, in the order of their bytes. */
  readonly keys: readonly string[];
  has(key: string): boolean;
  /**
   * Reads one tensor and verifies its checksum.
   * @throws SavedModelError NOT_FOUND if there is none of that name, DATA_LOSS if it is cut short, corrupt, or does not
   * fit its shape, UNSUPPORTED for a type that no tensor has here or a partitioned tensor of strings
   */
  read(key: string): Promise<StoredTensor>;
  /** The shards, with the bytes that each must have at least. */
  readonly shards: readonly { readonly name: string; readonly minBytes: number }[];
  /** Bytes of all tensors together. */
  readonly totalBytes: number;
}

/** Tags, lengths and integers in all entries of one index; one of a million tensors has as many. */
const MAX_NUMBERS = 2 ** 24;

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
  const budget = { left: MAX_NUMBERS };
  const decode = <T>(message: Message<T>, bytes: Uint8Array): T => decodeEntry(message, bytes, { what, budget });
  const header = decode(BundleHeaderProto, table.get("") ?? new Uint8Array(0));
  if (header.endianness !== BundleHeaderProto_Endianness.LITTLE) {
    throw new SavedModelError("UNSUPPORTED", `${what}: it was written on a big-endian machine`);
  }
  table.delete("");
  if (!(header.numShards >= 1 && header.numShards <= 99_999)) {
    throw new SavedModelError("DATA_LOSS", `${what}: ${header.numShards} shards`);
  }
  const entries = new Map([...table].map(([key, value]) => [key, decode(BundleEntryProto, value)]));
  const names = new Map([...entries.keys()].flatMap((key) => (isSliceKey(key) ? [] : [[nameOf(key), key]])));
  const shards = Array.from({ length: header.numShards }, (_, shard) => ({
    name: `${prefix}.data-${digits(shard)}-of-${digits(header.numShards)}`,
    minBytes: 0,
  }));
  let totalBytes = 0;
  for (const [key, entry] of entries) {
    const shard = shards[entry.shardId];
    const end = entry.offset + entry.size;
    if (shard === undefined || entry.offset < 0n || entry.size < 0n || end > Number.MAX_SAFE_INTEGER) {
      throw new SavedModelError("DATA_LOSS", `${what}: the place of ${nameOf(key)} is out of range`);
    }
    // A partitioned tensor has no bytes of its own: its parts have entries, too.
    if (entry.slices.length > 0) continue;
    shard.minBytes = Math.max(shard.minBytes, Number(end));
    totalBytes += Number(entry.size);
  }
  checkDisjoint([...entries.values()], what);
  const source: EntrySource = { entries, shards: shards.map(({ name }) => name), read };
  return {
    keys: [...names.keys()],
    has: (name) => names.has(name),
    shards,
    totalBytes,
    async read(name) {
      const key = names.get(name);
      const entry = key === undefined ? undefined : entries.get(key);
      if (key === undefined || entry === undefined) {
        throw new SavedModelError("NOT_FOUND", `${what} has no tensor ${name}`);
      }
      return readEntry(source, entry, { key, where: `${prefix}: ${name}` });
    },
  };
}

/** Else a short shard, named often, would become tensors that take all memory. */
function checkDisjoint(entries: readonly BundleEntryProto[], what: string): void {
  const places = entries.filter(({ size, slices }) => size > 0n && slices.length === 0);
  places.sort((one, other) => one.shardId - other.shardId || Number(one.offset - other.offset));
  for (const [index, { shardId, offset }] of places.entries()) {
    const before = places[index - 1];
    if (before?.shardId === shardId && before.offset + before.size > offset) {
      throw new SavedModelError("DATA_LOSS", `${what}: two tensors lie in the same bytes`);
    }
  }
}

function digits(shard: number): string {
  return String(shard).padStart(5, "0");
}

/** Names are UTF-8; the table gives keys byte by byte. */
function nameOf(key: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(keyBytes(key));
}

interface Message<T> {
  decode(reader: BoundedReader): T;
}

interface Decoding {
  readonly what: string;
  readonly budget: ReadBudget;
}

function decodeEntry<T>(message: Message<T>, bytes: Uint8Array, { what, budget }: Decoding): T {
  try {
    return message.decode(new BoundedReader(bytes, budget));
  } catch (error) {
    throw new SavedModelError("DATA_LOSS", `${what} is corrupt: an entry cannot be decoded`, { cause: error });
  }
}
