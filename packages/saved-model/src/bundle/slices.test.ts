import type { TensorSliceProto } from "@servable/tf-proto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { entryBytes, indexOf, shapeProto, type TableEntry } from "../testing/bundle-writer.js";
import { codeOf, reader } from "../testing/files.js";
import { type Bundle, openBundle } from "./bundle.js";
import { crc32c, maskCrc } from "./crc32c.js";
import { type Slice, sliceKey } from "./slice-key.js";

type Extent = readonly [start: number, length: number | undefined];

const proto = (extents: readonly Extent[]): TensorSliceProto => ({
  extent: extents.map(([start, length]) => ({
    start: BigInt(start),
    hasLength: length === undefined ? undefined : { $case: "length", value: BigInt(length) },
  })),
});

/** A bundle `x` with the uint8 tensor `t`, whose parts are numbered row-major from 0 on, each by itself. */
function partitioned(shape: readonly number[], parts: readonly (readonly Extent[])[]): Promise<Bundle> {
  const shard: number[] = [];
  const entries = parts.map((extents): TableEntry => {
    const slice: Slice = {
      start: extents.map(([start]) => start),
      shape: extents.map(([, length], dimension) => length ?? shape[dimension] ?? 0),
      all: extents.map(([, length]) => length === undefined),
    };
    const size = slice.shape.reduce((product, length) => product * length, 1);
    const bytes = Uint8Array.from({ length: Math.min(size, 256) }, (_, at) => at);
    const offset = BigInt(shard.length);
    shard.push(...bytes);
    const fields = { offset, size: BigInt(bytes.length), crc32c: maskCrc(crc32c(bytes)) };
    const key = sliceKey(Uint8Array.of(0x74), slice);
    return [key, entryBytes("uint8", { ...fields, shape: shapeProto(slice.shape) })];
  });
  const whole = entryBytes("uint8", { shape: shapeProto(shape), slices: parts.map(proto) });
  const files = new Map([
    // A table has one entry for parts at the same place.
    ["x.index", indexOf([...new Map([...entries, ["t", whole]])])],
    ["x.data-00000-of-00001", Uint8Array.from(shard)],
  ]);
  return openBundle(reader(files), "x");
}

it.each<[string, number[], Extent[][], number[]]>([
  ["one that is all", [2], [[[0, undefined]]], [0, 1]],
  [
    "rows",
    [3, 2],
    [
      [
        [0, 1],
        [0, undefined],
      ],
      [
        [1, 2],
        [0, undefined],
      ],
    ],
    [0, 1, 0, 1, 2, 3],
  ],
  [
    "columns",
    [2, 3],
    [
      [
        [0, undefined],
        [2, 1],
      ],
      [
        [0, undefined],
        [0, 2],
      ],
    ],
    [0, 1, 0, 2, 3, 1],
  ],
  ["one of a scalar", [], [[]], [0]],
  [
    "some of no elements",
    [4, 0],
    [
      [
        [0, 2],
        [0, 0],
      ],
      [
        [2, 2],
        [0, 0],
      ],
    ],
    [],
  ],
])("joins parts: %s", async (_title, shape, parts, data) => {
  const bundle = await partitioned(shape, parts);
  expect(bundle.keys).toEqual(["t"]);
  expect(await bundle.read("t")).toEqual({ dtype: "uint8", shape, data: Uint8Array.from(data) });
});

it("joins any grid of parts", async () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const shape = lengths.map((list) => list.reduce((sum, length) => sum + length, 0));
      const ranges = lengths.map((list) =>
        list.map((length, at): Extent => [list.slice(0, at).reduce((sum, each) => sum + each, 0), length]),
      );
      let parts: Extent[][] = [[]];
      for (const axis of ranges) parts = parts.flatMap((part) => axis.map((extent) => [...part, extent]));
      const { data } = await (await partitioned(shape, parts)).read("t");
      // Where an element lies in its part is its number there.
      const wanted = Array.from({ length: data.length }, (_, flat) => {
        const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
        const place = strides.map((stride, axis) => Math.floor(flat / stride) % (shape[axis] ?? 1));
        const part = place.map(
          (at, axis) => ranges[axis]?.find(([start, length]) => at < start + (length ?? 0)) ?? [0, 0],
        );
        return part.reduce((number, [start, length], axis) => number * (length ?? 0) + (place[axis] ?? 0) - start, 0);
      });
      expect([...data]).toEqual(wanted);
    }),
  );
});

it.each<[string, number[], Extent[][], string]>([
  ["a hole", [3], [[[0, 1]], [[2, 1]]], "do not cover"],
  ["a hole at the end", [3], [[[0, 2]]], "do not cover"],
  ["an overlap", [3], [[[0, 2]], [[1, 2]]], "do not cover"],
  ["an overlap that makes up for a hole", [4], [[[0, 2]], [[1, 2]]], "do not cover"],
  ["one part twice", [2], [[[0, 1]], [[0, 1]]], "do not cover"],
  ["a part beyond the end", [2], [[[1, 2]]], "reaches beyond"],
  ["all from the middle on", [2], [[[1, undefined]]], "reaches beyond"],
  ["a part before the beginning", [2], [[[-1, 2]]], "reaches beyond"],
  ["a part of negative length", [2], [[[0, -1]]], "reaches beyond"],
  [
    "a part of other rank",
    [2],
    [
      [
        [0, 2],
        [0, 1],
      ],
    ],
    "reaches beyond",
  ],
  ["a part of no rank", [2], [[]], "reaches beyond"],
  ["parts that claim more than they have", [2 ** 40], [[[0, undefined]]], "does not fit"],
])("takes %s for DATA_LOSS, by name", async (_title, shape, parts, sentence) => {
  const bundle = await partitioned(shape, parts);
  expect(await codeOf(() => bundle.read("t"))).toBe("DATA_LOSS");
  await expect(bundle.read("t")).rejects.toThrow(/^x: t: /);
  await expect(bundle.read("t")).rejects.toThrow(sentence);
});

it("ends at once for parts without elements, however large their other dimensions", async () => {
  const parts: Extent[][] = [0, 1].map((start) => [
    [0, undefined],
    [start, 1],
    [0, undefined],
  ]);
  const { data } = await (await partitioned([2 ** 45, 2, 0], parts)).read("t");
  expect(data).toEqual(new Uint8Array());
});

it("does not compare more parts than it can in a second", async () => {
  const parts = Array.from({ length: 9_000 }, (_, at): Extent[] => [[at, 1]]);
  const whole = entryBytes("uint8", { shape: shapeProto([9_000]), slices: parts.map(proto) });
  const bundle = await openBundle(reader(new Map([["x.index", indexOf([["t", whole]])]])), "x");
  expect(await codeOf(() => bundle.read("t"))).toBe("UNSUPPORTED");
});

const right = maskCrc(crc32c(Uint8Array.of(1)));

it.each<[string, Parameters<typeof entryBytes>[0], Parameters<typeof entryBytes>[1], string | undefined]>([
  ["a part that is not there", "uint8", undefined, "DATA_LOSS"],
  ["a part of another type", "int8", { shape: shapeProto([1]), size: 1n, crc32c: right }, "DATA_LOSS"],
  ["a part in parts", "uint8", { size: 1n, crc32c: right, slices: [proto([[0, 1]])] }, "DATA_LOSS"],
  ["a part with a wrong checksum", "uint8", { shape: shapeProto([1]), size: 1n }, "DATA_LOSS"],
  ["any but a part that fits", "uint8", { shape: shapeProto([1]), size: 1n, crc32c: right }, undefined],
])("does not take %s", async (_title, dtype, part, code) => {
  const whole = entryBytes("uint8", { shape: shapeProto([1]), slices: [proto([[0, 1]])] });
  const key = sliceKey(Uint8Array.of(0x74), { start: [0], shape: [1], all: [false] });
  const entries: TableEntry[] = [["t", whole]];
  if (part !== undefined) entries.push([key, entryBytes(dtype, part)]);
  const files = new Map([
    ["x.index", indexOf(entries)],
    ["x.data-00000-of-00001", Uint8Array.of(1)],
  ]);
  const bundle = await openBundle(reader(files), "x");
  expect(await codeOf(() => bundle.read("t"))).toBe(code);
});

it("does not join strings", async () => {
  const strings = entryBytes("string", { shape: shapeProto([1]), slices: [proto([[0, 1]])] });
  const bundle = await openBundle(reader(new Map([["x.index", indexOf([["t", strings]])]])), "x");
  expect(await codeOf(() => bundle.read("t"))).toBe("UNSUPPORTED");
});
