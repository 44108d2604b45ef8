import { ByteReader } from "../byte-reader.js";
import { SavedModelError } from "../saved-model-error.js";
import { crc32c, maskCrc } from "./crc32c.js";

// LevelDB's table format (its doc/table_format.md): blocks of entries with shared prefixes, an index block that points
// at the data blocks, and a footer that points at the index block.

const FOOTER_BYTES = 48;
/** The last eight bytes of every table, as two little-endian words. */
const MAGIC = [0x8b80fb57, 0xdb477524] as const;
const UNCOMPRESSED = 0;

/**
 * Keys share prefixes, so that a short table may spell out long keys. Names of one model share most of their text;
 * beyond this factor it is a table that was made to fill the memory.
 */
const MAX_KEY_EXPANSION = 64;

/**
 * All entries of a sorted-string table, in its order; values are views of `bytes`, each character of a key is a byte.
 * @param what names the table in messages
 * @throws SavedModelError DATA_LOSS if it is cut short or a checksum is wrong, UNSUPPORTED if it is compressed
 */
export function readTable(bytes: Uint8Array, what: string): Map<string, Uint8Array> {
  const table: Table = { bytes, what, keyBudget: bytes.length * MAX_KEY_EXPANSION };
  const entries = new Map<string, Uint8Array>();
  let end = 0;
  let last: string | undefined;
  for (const [, handle] of readBlock(table, indexHandle(bytes, what))) {
    const block = readHandle(new ByteReader(handle, what));
    // Else an index that names one block often would take for ever.
    if (block.offset < end) throw new SavedModelError("DATA_LOSS", `${what} is corrupt: its blocks overlap`);
    end = block.offset + block.size;
    for (const [key, value] of readBlock(table, block)) {
      // Else of two entries with one key it would be a guess which one is meant.
      if (last !== undefined && key <= last) throw new SavedModelError("DATA_LOSS", `${what} is corrupt: out of order`);
      last = key;
      entries.set(key, value);
    }
  }
  return entries;
}

/** The key of an entry as its bytes. */
export function keyBytes(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

interface Table {
  readonly bytes: Uint8Array;
  readonly what: string;
  keyBudget: number;
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(reader: ByteReader): BlockHandle {
  return { offset: reader.varint(), size: reader.varint() };
}

function indexHandle(bytes: Uint8Array, what: string): BlockHandle {
  if (bytes.length < FOOTER_BYTES)
    throw new SavedModelError("DATA_LOSS", `${what} is cut short: ${bytes.length} bytes`);
  const end = new ByteReader(bytes.subarray(-8), what);
  if (end.uint32() !== MAGIC[0] || end.uint32() !== MAGIC[1]) {
    throw new SavedModelError("DATA_LOSS", `${what} is not a table, or is cut short: its end is missing`);
  }
  const footer = new ByteReader(bytes.subarray(-FOOTER_BYTES), what);
  readHandle(footer); // of the meta index, which holds nothing that we need
  return readHandle(footer);
}

function readBlock(table: Table, { offset, size }: BlockHandle): [string, Uint8Array][] {
  const { bytes, what } = table;
  const reader = new ByteReader(bytes, what);
  reader.take(offset);
  const checked = reader.take(size + 1);
  if (maskCrc(crc32c(checked)) !== reader.uint32()) {
    throw new SavedModelError("DATA_LOSS", `${what} is corrupt: the checksum of the block at byte ${offset} is wrong`);
  }
  if (checked[size] !== UNCOMPRESSED) {
    throw new SavedModelError("UNSUPPORTED", `${what} is compressed; TensorFlow writes it uncompressed`);
  }
  return blockEntries(checked.subarray(0, size), table);
}

function blockEntries(block: Uint8Array, table: Table): [string, Uint8Array][] {
  const { what } = table;
  if (block.length < 4) throw new SavedModelError("DATA_LOSS", `${what} is corrupt: a block of ${block.length} bytes`);
  const restarts = new ByteReader(block.subarray(-4), what).uint32();
  const end = block.length - 4 * (restarts + 1);
  const reader = new ByteReader(block.subarray(0, Math.max(0, end)), what);
  if (end < 0) throw reader.cutShort();
  const entries: [string, Uint8Array][] = [];
  let key: Uint8Array = new Uint8Array(0);
  while (reader.remaining > 0) {
    const shared = reader.varint();
    const rest = reader.varint();
    const length = reader.varint();
    table.keyBudget -= shared + rest;
    if (shared > key.length || rest > reader.remaining || table.keyBudget < 0) throw reader.cutShort();
    const next = new Uint8Array(shared + rest);
    next.set(key.subarray(0, shared));
    next.set(reader.take(rest), shared);
    key = next;
    entries.push([latin1(key), reader.take(length)]);
  }
  return entries;
}

/** Keys byte by byte: those of partitioned variables are not UTF-8. Keys that are plain ASCII read as they are. */
function latin1(bytes: Uint8Array): string {
  // By runs, since a string put together from single characters takes 32 bytes for each; a run is a call's arguments.
  let text = "";
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096));
  }
  return text;
}
