import { tensor, toNested } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedServable } from "../shared-servable.js";
import { memoryFiles } from "../testing/memory-files.js";
import { type LookupTableFilesOptions, lookupTable, lookupTableFiles } from "./lookup-table.js";
import type { LookupTable } from "./table.js";
import type { TableDType } from "./value-type.js";

const context = loadContext({ id: { name: "vocab", version: 1 } });
const read = async <D extends TableDType = "string">(
  text: string | Uint8Array,
  options: LookupTableFilesOptions<D> = {},
) => (await lookupTableFiles(options)(memoryFiles({ "table.tsv": text })).load(context)).servable;
const answer = async (table: LookupTable<unknown>, keys: Parameters<typeof tensor>[0]): Promise<unknown> => {
  const { values, found } = await table.predict({ keys: tensor(keys, "string") });
  return [values && toNested(values), found && toNested(found)];
};

describe("a table of entries", () => {
  it.each([
    ["pairs", [["a", "x"] as const, ["b", "y"] as const]],
    ["a record", { a: "x", b: "y" }],
    ["a map", new Map(Object.entries({ a: "x", b: "y" }))],
  ])("is made of %s", async (_, entries) => {
    const { servable, describe } = await lookupTable(entries).load(context);
    expect([servable.size, servable.get("b"), servable.get("c"), servable.has("a")]).toEqual([2, "y", undefined, true]);
    expect([...servable.entries()]).toEqual(Object.entries({ a: "x", b: "y" }));
    expect(describe?.()).toEqual({ entries: 2, bytes: expect.any(Number) });
  });

  it("can be loaded again, though its entries can be read only once", async () => {
    const loader = lookupTable(new Map([["a", "x"]]).entries());
    for (let time = 0; time < 2; time++) expect((await loader.load(context)).servable.get("a")).toBe("x");
  });

  it.each<[string, () => unknown, string]>([
    [
      "a key that comes twice",
      () =>
        lookupTable([
          ["a", "x"],
          ["b", "x"],
          ["a", "y"],
        ]),
      'entry 3: the key "a" is there already, as number 1',
    ],
    ["a number for text", () => lookupTable({ a: 1 as unknown as string }), 'entry 1: "1" is no string'],
    ["an integer beyond int64", () => lookupTable({ a: 2n ** 63n }, { value: "int64" }), "is no int64"],
    ["a number beyond float32", () => lookupTable({ a: 1e39 }, { value: "float32" }), "is no float32"],
    ["NaN", () => lookupTable({ a: Number.NaN }, { value: "float32" }), "is no float32"],
    [
      "a default of another type",
      () => lookupTable({}, { value: "int64", default: 2n ** 64n }),
      "default 18446744073709551616 is no int64",
    ],
    [
      "an unknown dtype",
      () => lookupTable({}, { value: "int8" as "int64" }),
      "no values of int8; value is one of string, int64, float32",
    ],
    ["an empty separator", () => lookupTableFiles({ separator: "" }), "separator"],
    ["a separator that ends lines", () => lookupTableFiles({ separator: "\r\n" }), "separator"],
    ["lines without length", () => lookupTableFiles({ maxLineBytes: 0 }), "maxLineBytes"],
  ])("is refused at once for %s", (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("a table of lines", () => {
  it("reads LF and CRLF, a missing end and a byte order mark", async () => {
    const table = await read("\u{feff}a\tx\r\nb\ty z\tw\n\tempty key\r\nc\t");
    expect([...table.entries()]).toEqual([
      ["a", "x"],
      ["b", "y z\tw"],
      ["", "empty key"],
      ["c", ""],
    ]);
  });

  it("knows no names that every object has, and takes them for keys", async () => {
    const table = await read("__proto__\tx\ntoString\ty");
    expect([table.get("__proto__"), table.get("constructor"), table.size]).toEqual(["x", undefined, 2]);
  });

  it.each<[string, string | Uint8Array, LookupTableFilesOptions<TableDType>, string]>([
    ["no separator", "a\tx\nb y\n", {}, 'table.tsv:2: there is no "\\t" after the key'],
    ["an empty line", "a\tx\n\nb\ty", {}, "table.tsv:2: there is no"],
    ["a key that comes twice", "a\tx\nb\ty\na\tz", {}, 'table.tsv:3: the key "a" is there already, as number 1'],
    ["a word for an integer", "a\t1\nb\tone", { value: "int64" }, 'table.tsv:2: "one" is no int64'],
    ["a fraction for an integer", "a\t1.5", { value: "int64" }, "is no int64"],
    ["an integer beyond int64", "a\t9223372036854775808", { value: "int64" }, "is no int64"],
    ["Infinity", "a\tInfinity", { value: "float32" }, "is no float32"],
    ["a number beyond float32", "a\t3.5e38", { value: "float32" }, "is no float32"],
    ["hexadecimal", "a\t0x10", { value: "float32" }, "is no float32"],
    ["bytes that are no UTF-8", Uint8Array.of(97, 9, 120, 10, 0xff, 9, 120), {}, "table.tsv:2: is not UTF-8"],
    [
      "a long line",
      `a\tx\nb\t${"y".repeat(20)}\nc\tz`,
      { maxLineBytes: 16 },
      "table.tsv:2: the line is longer than 16 bytes",
    ],
    ["a long last line", `a\tx\nb\t${"y".repeat(20)}`, { maxLineBytes: 16 }, "table.tsv:2: the line is longer"],
  ])("refuses %s, by file and line", async (_, text, options, message) => {
    await expect(read(text, options)).rejects.toMatchObject({
      code: "DATA_LOSS",
      retryable: false,
      message: expect.stringContaining(`vocab/1: ${message.includes("table.tsv") ? message : ""}`),
    });
    await expect(read(text, options)).rejects.toThrow(message);
  });

  it("refuses a line without an end before it has read all of it", async () => {
    const files = memoryFiles({ "table.tsv": `a\t${"y".repeat(3 * 2 ** 20)}` });
    const stages: unknown[] = [];
    const load = lookupTableFiles()(files).load(loadContext({ report: (progress) => stages.push(progress) }));
    await expect(load).rejects.toThrow("m/1: table.tsv:1: the line is longer than 1048576 bytes");
    expect([stages.length, files.opened, files.closed]).toEqual([1, 1, 1]);
  });

  it.each<[string, Record<string, string>, LookupTableFilesOptions, string | undefined]>([
    ["the only one", { "words.txt": "a\tx" }, {}, undefined],
    ["table.tsv among others", { README: "", "table.tsv": "a\tx" }, {}, undefined],
    ["the one that is asked for", { "table.tsv": "", "b/w.txt": "a\tx" }, { file: "b/w.txt" }, undefined],
    ["none of two", { one: "", two: "" }, {}, "there is no file table.tsv; there are one, two; name one of them"],
    ["none at all", {}, {}, "there is no file table.tsv; there are no files"],
    ["not the only one, if another is asked for", { one: "a\tx" }, { file: "x" }, "there is no file x; there are one"],
  ])("takes %s", async (_, content, options, message) => {
    const load = lookupTableFiles(options)(memoryFiles(content)).load(context);
    if (message === undefined) expect((await load).servable.get("a")).toBe("x");
    else {
      await expect(load).rejects.toThrow(`vocab/1: ${message}`);
      const estimate = lookupTableFiles(options)(memoryFiles(content)).estimateResources?.(context);
      await expect(estimate).rejects.toThrow(`vocab/1: ${message}`);
    }
  });

  it("estimates from the file, knows better when it is loaded, and holds no file", async () => {
    const text = Array.from({ length: 1_000 }, (_, index) => `word${index}\t${index}`).join("\n");
    const files = memoryFiles({ "table.tsv": text });
    const loader = lookupTableFiles()(files);
    const { memoryBytes: estimate = 0 } = (await loader.estimateResources?.(context)) ?? {};
    const { resources: { memoryBytes = 0 } = {}, describe } = await loader.load(context);
    expect(describe?.()).toEqual({ entries: 1_000, bytes: memoryBytes });
    expect(estimate / memoryBytes).toBeGreaterThan(0.5);
    expect(estimate / memoryBytes).toBeLessThan(2);
    expect([files.opened, files.closed]).toEqual([2, 2]);
  });

  it("stops when it is not wanted any more", async () => {
    const abort = new AbortController();
    const text = "a".repeat(20).replace(/^/, "k\t");
    const files = memoryFiles({ "table.tsv": Array.from({ length: 2 ** 18 }, (_, i) => `${i}${text}`).join("\n") });
    const report = (): void => abort.abort(new Error("not wanted"));
    const load = lookupTableFiles()(files).load(loadContext({ signal: abort.signal, report }));
    await expect(load).rejects.toThrow("not wanted");
    expect(files.closed).toBe(1);
  });

  it("gives back what was written", async () => {
    const text = fc.string({ unit: "binary", maxLength: 12 }).filter((each) => !/[\t\r\n]|\p{Surrogate}/u.test(each));
    const entries = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key });
    await fc.assert(
      fc.asyncProperty(entries, fc.constantFrom("\n", "\r\n"), fc.boolean(), async (entries, end, hasLast) => {
        // A mark at the head of a file says how the file is written, and is none of its text.
        fc.pre(!entries[0]?.[0].startsWith("\u{feff}"));
        const lines = entries.map(([key, value]) => `${key}\t${value}`).join(end);
        const table = await read(lines + (hasLast && entries.length > 0 ? end : ""));
        expect([...table.entries()]).toEqual(entries);
      }),
    );
  });
});

describe("calls", () => {
  it("give values and found in the shape of the keys, in every dtype", async () => {
    expect(
      await answer(await read("a\tx\nb\tß"), [
        ["a", "b"],
        ["b", "a"],
      ]),
    ).toEqual([
      [
        ["x", "ß"],
        ["ß", "x"],
      ],
      [
        [true, true],
        [true, true],
      ],
    ]);
    expect(await answer(await read("a\t-9223372036854775808\nb\t+7", { value: "int64" }), ["a", "b"])).toEqual([
      [-(2n ** 63n), 7n],
      [true, true],
    ]);
    expect(await answer(await read("a\t0.1", { value: "float32" }), "a")).toEqual([Math.fround(0.1), true]);
    expect((await read("a\t0.1", { value: "float32" })).get("a")).toBe(Math.fround(0.1));
    expect(await answer(await read("a\tx"), [])).toEqual([[], []]);
  });

  it("fail for a missing key, with its index", async () => {
    const table = await read("a\tx");
    await expect(answer(table, ["a", "b"])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'vocab/1: there is no key "b", at index 1 of keys; with the option `default` missing keys get a value',
    });
    await expect(answer(table, ["x".repeat(1_000_000)])).rejects.toThrow(/"x{60}…"/);
  });

  it("get the default for a missing key, and for one that is no UTF-8", async () => {
    const table = await read("a\t1\n\u{fffd}\t2", { value: "int64", default: 0n });
    expect(await answer(table, ["a", "b", Uint8Array.of(0xff)])).toEqual([
      [1n, 0n, 0n],
      [true, false, false],
    ]);
    expect(table.get("b")).toBeUndefined();
    const texts = await read("a\tx", { default: "" });
    expect(await answer(texts, ["b"])).toEqual([[""], [false]]);
  });

  it.each<[string, Parameters<LookupTable["predict"]>, string, string]>([
    ["no keys", [{}], "INVALID_ARGUMENT", "input keys is missing; it takes keys"],
    ["another input", [{ keys: tensor("a"), x: tensor(1) }], "INVALID_ARGUMENT", "there is no input x"],
    ["numbers", [{ keys: tensor([1]) }], "INVALID_ARGUMENT", "input keys needs dtype string, got float32"],
    [
      "too few keys",
      [{ keys: { dtype: "string", shape: [2], data: [] } }],
      "INVALID_ARGUMENT",
      "input keys: shape [2]",
    ],
    ["an unknown signature", [{}, { signature: "x" }], "INVALID_ARGUMENT", "no signature x; there is serving_default"],
    ["an inherited signature", [{}, { signature: "toString" }], "INVALID_ARGUMENT", "no signature toString"],
    [
      "an unknown output",
      [{ keys: tensor("a") }, { outputs: ["y"] }],
      "INVALID_ARGUMENT",
      "no output y; it gives values, found",
    ],
    ["a signal that has aborted", [{}, { signal: AbortSignal.abort() }], "CANCELLED", "aborted"],
  ])("are refused with %s", async (_, [inputs, options], code, message) => {
    const table = await read("a\tx");
    await expect(table.predict(inputs, options)).rejects.toMatchObject({ code });
    await expect(table.predict(inputs, options)).rejects.toThrow(/^vocab\/1: /);
    await expect(table.predict(inputs, options)).rejects.toThrow(message);
  });

  it("give only the outputs that are asked for", async () => {
    const table = await read("a\tx");
    expect(Object.keys(await table.predict({ keys: tensor("a") }, { outputs: ["found"] }))).toEqual(["found"]);
  });
});

describe("a table over a base", () => {
  it("overrides the base, adds to it, and counts each key once", async () => {
    const base = sharedServable("words", lookupTable({ a: "1", b: "2" }));
    const delta = await lookupTable({ b: "two", c: "three" }, { base }).load(context);
    const { servable } = delta;
    expect([...servable.entries()]).toEqual([
      ["a", "1"],
      ["b", "two"],
      ["c", "three"],
    ]);
    expect([servable.size, servable.get("a"), servable.has("c"), servable.get("d")]).toEqual([3, "1", true, undefined]);
    expect(await answer(servable, ["b", "a"])).toEqual([
      ["two", "1"],
      [true, true],
    ]);
    expect(delta.describe?.()).toMatchObject({ entries: 3, base: "words", ownEntries: 2 });
    await delta[Symbol.asyncDispose]();
  });

  it("refuses a base of another dtype, and does not keep it", async () => {
    const base = sharedServable("counts", lookupTable({ a: 1n }, { value: "int64" }));
    const load = lookupTable({ a: "x" }, { base: base as never }).load(context);
    await expect(load).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "vocab/1: the base counts has values of int64, this table of string",
    });
    expect(base.holders).toBe(0);
  });
});
