import { type BundleEntryProto, BundleHeaderProto_Endianness, type DataTypeName } from "@servable/tf-proto";
import { expect, it } from "vitest";
import type { ReadFile } from "../read-file.js";
import { block, entryBytes, headerEntry, indexOf, shapeProto, tableOf } from "../testing/bundle-writer.js";
import { codeOf, reader } from "../testing/files.js";
import { type Bundle, openBundle } from "./bundle.js";
import { crc32c, maskCrc } from "./crc32c.js";

const SHARD = "x.data-00000-of-00001";
const four = Uint8Array.of(1, 2, 3, 4);

/** A bundle `x` with the tensor `t` and a shard of `bytes`. */
function bundleOf(dtype: DataTypeName, fields: Partial<BundleEntryProto>, bytes: Uint8Array): Promise<Bundle> {
  const files = new Map([
    ["x.index", indexOf([["t", entryBytes(dtype, fields)]])],
    [SHARD, bytes],
  ]);
  return openBundle(reader(files), "x");
}

const whole = { size: 4n, crc32c: maskCrc(crc32c(four)) };

it("reads an entry that fits its bytes", async () => {
  const bundle = await bundleOf("uint8", { ...whole, shape: shapeProto([2, 2]) }, four);
  expect(await bundle.read("t")).toEqual({ dtype: "uint8", shape: [2, 2], data: four });
  expect(bundle.totalBytes).toBe(4);
});

it.each<[string, DataTypeName, Partial<BundleEntryProto>]>([
  ["more elements than bytes", "float32", { shape: shapeProto([1_000_000_000]) }],
  ["fewer elements than bytes", "uint8", { shape: shapeProto([3]) }],
  ["a negative size", "uint8", { shape: shapeProto([-4]) }],
  ["two negative sizes with a right product", "uint8", { shape: shapeProto([-2, -2]) }],
  ["a size that is not known", "uint8", { shape: shapeProto([-1]) }],
  ["a rank that is not known", "uint8", { shape: { dim: [], unknownRank: true } }],
  ["255 dimensions", "uint8", { shape: shapeProto(Array.from({ length: 255 }, () => 1)) }],
  ["a size beyond 2^53", "uint8", { shape: shapeProto([2n ** 62n]) }],
  ["a product beyond 2^53", "uint8", { shape: shapeProto([2 ** 40, 2 ** 40]) }],
  ["a product beyond all numbers, times zero", "uint8", { shape: shapeProto([...Array(40).fill(2 ** 52), 0]) }],
  ["a wrong checksum", "uint8", { shape: shapeProto([4]), crc32c: 5 }],
  ["a shard shorter than it says", "uint8", { shape: shapeProto([2 ** 50]), size: 2n ** 50n }],
  ["a place behind the end of the shard", "uint8", { shape: shapeProto([4]), offset: 100n }],
  ["more strings than bytes", "string", { shape: shapeProto([2 ** 50]) }],
  ["a string that goes too far", "string", { shape: shapeProto([]) }],
])("takes a tensor with %s for DATA_LOSS, by name and before it allocates", async (_title, dtype, fields) => {
  const bundle = await bundleOf(dtype, { ...whole, ...fields }, four);
  expect(await codeOf(() => bundle.read("t"))).toBe("DATA_LOSS");
  await expect(bundle.read("t")).rejects.toThrow(/^x: t\b/);
});

it.each<[string, Uint8Array]>([
  ["a shard that is not there", indexOf([["t", entryBytes("uint8", { shardId: 1 })]])],
  ["a negative shard", indexOf([["t", entryBytes("uint8", { shardId: -1 })]])],
  ["a negative place", indexOf([["t", entryBytes("uint8", { offset: -1n })]])],
  ["a negative length", indexOf([["t", entryBytes("uint8", { size: -1n })]])],
  ["a place beyond 2^53", indexOf([["t", entryBytes("uint8", { offset: 2n ** 53n })]])],
  ["an entry that is no message", indexOf([["t", Uint8Array.of(255)]])],
  ["a header that is no message", tableOf([block([["", Uint8Array.of(255)]])])],
  ["no header", tableOf([block([["t", entryBytes("uint8")]])])],
  ["no entries", tableOf([])],
  ["no shards", tableOf([block([headerEntry({ numShards: 0 })])])],
  ["fewer than no shards", tableOf([block([headerEntry({ numShards: -1 })])])],
  ["more shards than names have digits for", tableOf([block([headerEntry({ numShards: 100_000 })])])],
])("takes an index with %s for DATA_LOSS, by name", async (_title, index) => {
  const open = (): Promise<Bundle> => openBundle(reader(new Map([["x.index", index]])), "x");
  expect(await codeOf(open)).toBe("DATA_LOSS");
  await expect(open()).rejects.toThrow("x.index");
});

it("does not read what a big-endian machine wrote, nor types that no tensor has", async () => {
  const big = tableOf([block([headerEntry({ endianness: BundleHeaderProto_Endianness.BIG })])]);
  expect(await codeOf(() => openBundle(reader(new Map([["x.index", big]])), "x"))).toBe("UNSUPPORTED");
  const resource = await bundleOf("uint8", { ...whole, dtype: 20 }, four);
  expect(await codeOf(() => resource.read("t"))).toBe("UNSUPPORTED");
  await expect(resource.read("t")).rejects.toThrow("x: t: tensors of DT_RESOURCE");
});

it("asks for the bytes of the tensor and no others", async () => {
  const asked: unknown[] = [];
  const index = indexOf([["t", entryBytes("uint8", { ...whole, offset: 3n, shape: shapeProto([4]) })]]);
  const read: ReadFile = async (name, range) => {
    asked.push([name, range]);
    return name === "x.index" ? index : four;
  };
  await (await openBundle(read, "x")).read("t");
  expect(asked).toEqual([
    ["x.index", undefined],
    [SHARD, { start: 3, end: 7 }],
  ]);
});

it("passes on what reading throws", async () => {
  const index = indexOf([["t", entryBytes("uint8", { ...whole, shape: shapeProto([4]) })]]);
  const read: ReadFile = async (name) => {
    if (name === "x.index") return index;
    throw new TypeError("EIO");
  };
  const bundle = await openBundle(read, "x");
  await expect(bundle.read("t")).rejects.toThrow(TypeError);
});

it("keeps names apart that begin with a byte order mark or are no UTF-8", async () => {
  const keys = ["\xef\xbb\xbft", "t", "\xff"];
  const files = new Map([["x.index", indexOf(keys.map((key) => [key, entryBytes("uint8")]))]]);
  expect((await openBundle(reader(files), "x")).keys).toEqual(["t", "\ufefft", "\ufffd"]);
});

it("counts a shard as large as the tensor that reaches farthest", async () => {
  const index = indexOf([
    ["a", entryBytes("uint8", { offset: 10n, size: 4n, shape: shapeProto([4]) })],
    ["b", entryBytes("uint8", { offset: 2n, size: 4n, shape: shapeProto([4]) })],
  ]);
  const bundle = await openBundle(reader(new Map([["x.index", index]])), "x");
  expect(bundle.shards).toEqual([{ name: SHARD, minBytes: 14 }]);
});
