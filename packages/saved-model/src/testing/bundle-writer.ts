import {
  BundleEntryProto,
  BundleHeaderProto,
  BundleHeaderProto_Endianness,
  type DataTypeName,
  dataTypeCode,
  type TensorShapeProto,
} from "@servable/tf-proto";
import { crc32c, maskCrc } from "../bundle/crc32c.js";

/** Key and value of an entry of a table; each character of the key is a byte. */
export type TableEntry = readonly [key: string, value: Uint8Array];

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A base-128 number. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}

/** A little-endian word. */
export function word(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** A block without shared prefixes. */
export function block(entries: readonly TableEntry[]): Uint8Array {
  const parts = entries.map(([key, value]) =>
    concat([varint(0), varint(key.length), varint(value.length), bytesOf(key), value]),
  );
  return concat([...parts, word(0), word(1)]);
}

/** How a table departs from a good one. */
export interface TableFaults {
  /** The byte after each block that names its compression. */
  readonly compression?: number;
  /** Where the index says the data blocks are, instead of where they are. */
  readonly handles?: (handles: readonly Uint8Array[]) => readonly Uint8Array[];
}

/** A table of the given data blocks, with right checksums whatever is in it. */
export function tableOf(blocks: readonly Uint8Array[], faults: TableFaults = {}): Uint8Array {
  const { compression = 0, handles = (right) => right } = faults;
  let file = new Uint8Array(0);
  const append = (bytes: Uint8Array): Uint8Array => {
    const handle = concat([varint(file.length), varint(bytes.length)]);
    const checked = concat([bytes, Uint8Array.of(compression)]);
    file = new Uint8Array(concat([file, checked, word(maskCrc(crc32c(checked)))]));
    return handle;
  };
  const data = blocks.map(append);
  const meta = append(block([]));
  const index = append(block(handles(data).map((handle, place) => [String(place).padStart(3, "0"), handle])));
  const footer = new Uint8Array(48);
  footer.set(concat([meta, index]));
  footer.set(concat([word(0x8b80fb57), word(0xdb477524)]), 40);
  return concat([file, footer]);
}

/** The shape of a tensor as it is written. */
export function shapeProto(shape: readonly (number | bigint)[]): TensorShapeProto {
  return { dim: shape.map((size) => ({ size: BigInt(size), name: "" })), unknownRank: false };
}

/** The entry of a whole tensor of no elements, with what differs from it. */
export function entryBytes(dtype: DataTypeName, fields: Partial<BundleEntryProto> = {}): Uint8Array {
  const none = { shardId: 0, offset: 0n, size: 0n, crc32c: maskCrc(0), slices: [], shape: shapeProto([0]) };
  return BundleEntryProto.encode({ ...none, dtype: dataTypeCode(dtype), ...fields }).finish();
}

/** The entry with the key "" at the head of an index. */
export function headerEntry(fields: Partial<BundleHeaderProto> = {}): TableEntry {
  const header = { numShards: 1, endianness: BundleHeaderProto_Endianness.LITTLE, ...fields };
  return ["", BundleHeaderProto.encode(header).finish()];
}

/** An index of one shard with the given entries. */
export function indexOf(entries: readonly TableEntry[]): Uint8Array {
  const ordered = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return tableOf([block([headerEntry(), ...ordered])]);
}
