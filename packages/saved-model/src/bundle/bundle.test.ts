import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { StoredTensor } from "../stored-tensor.js";
import { codeOf, type Files, filesIn, packageFolder, reader } from "../testing/files.js";
import { openBundle } from "./bundle.js";

interface Expected {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[];
}

// What TensorFlow reads: see make.py beside it.
const expected = JSON.parse(readFileSync(join(packageFolder, "test-data/expected.json"), "utf8")) as Record<
  string,
  Record<string, Expected>
>;

/** An element as the script writes it. */
function plain(value: unknown): number | string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return value >= 2n ** 53n || value <= -(2n ** 53n) ? String(value) : Number(value);
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? Number(value) : String(value);
}

function described(tensor: StoredTensor, count: number): Expected {
  const values = Array.from(tensor.data as ArrayLike<unknown>).slice(0, count);
  return { dtype: tensor.dtype, shape: tensor.shape, values: values.map(plain) };
}

async function bundleFiles(path: string): Promise<{ files: Files; prefix: string }> {
  const folder = join(packageFolder, dirname(path));
  return { files: await filesIn(folder), prefix: path.slice(dirname(path).length + 1) };
}

describe.each(Object.entries(expected))("the checkpoint %s", (path, tensors) => {
  it("has the tensors that TensorFlow reads from it", async () => {
    const { files, prefix } = await bundleFiles(path);
    const bundle = await openBundle(reader(files), prefix);
    expect(bundle.keys.toSorted()).toEqual(Object.keys(tensors).toSorted());
    for (const [key, wanted] of Object.entries(tensors)) {
      const tensor = await bundle.read(key);
      if (key === "_CHECKPOINTABLE_OBJECT_GRAPH") {
        expect(tensor).toMatchObject({ dtype: "string", shape: [] });
        expect(tensor.data).toHaveLength(1);
      } else {
        expect(described(tensor, wanted.values.length), key).toEqual(wanted);
      }
    }
  });

  it("knows how large its shards are, and refuses what it does not have", async () => {
    const { files, prefix } = await bundleFiles(path);
    const bundle = await openBundle(reader(files), prefix);
    for (const { name, minBytes } of bundle.shards) expect(files.get(name)?.length, name).toBe(minBytes);
    expect(bundle.has("nothing")).toBe(false);
    expect(await codeOf(() => bundle.read("nothing"))).toBe("NOT_FOUND");
  });
});

describe("a damaged checkpoint", () => {
  const names = ["dtypes", "sliced", "sharded", "many"];
  let all: Files;
  beforeAll(async () => {
    all = await filesIn(join(packageFolder, "test-data"));
  });

  /** Reads all of a checkpoint; the values, or the code of the error of each tensor. */
  async function readAll(prefix: string, files: Files): Promise<unknown[]> {
    const results: unknown[] = [];
    const code = await codeOf(async () => {
      const bundle = await openBundle(reader(files), prefix);
      for (const key of bundle.keys) {
        let tensor: StoredTensor | undefined;
        const failed = await codeOf(async () => (tensor = await bundle.read(key)));
        results.push(failed ?? tensor);
      }
    });
    return code === undefined ? results : [code];
  }

  it.each(names)("is an error wherever the index of %s is cut", async (name) => {
    const index = all.get(`${name}.index`) ?? new Uint8Array();
    expect(index.length).toBeGreaterThan(100);
    const step = index.length > 2_000 ? 37 : 1;
    for (let length = 0; length < index.length; length += step) {
      const files = new Map(all).set(`${name}.index`, index.slice(0, length));
      expect(await readAll(name, files), `${length} bytes`).toEqual(["DATA_LOSS"]);
    }
  });

  it.each(names)("is DATA_LOSS of a tensor of %s, whichever byte of its shard is changed", async (name) => {
    const shard = [...all.keys()].find((each) => each.startsWith(`${name}.data-00000`)) ?? "";
    const whole = all.get(shard) ?? new Uint8Array();
    expect(await readAll(name, all)).not.toContain("DATA_LOSS");
    for (let place = 0; place < whole.length; place += whole.length > 2_000 ? 97 : 1) {
      const bytes = whole.slice();
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (place & 7));
      const found = await readAll(name, new Map(all).set(shard, bytes));
      expect(
        found.filter((value) => typeof value === "string"),
        `byte ${place}`,
      ).toEqual(["DATA_LOSS"]);
    }
  });

  it("never gives other values, whichever bits are flipped", async () => {
    const flips = fc.record({
      name: fc.constantFrom(...names),
      inIndex: fc.boolean(),
      places: fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(flips, async ({ name, inIndex, places }) => {
        const right = await readAll(name, all);
        const file = [...all.keys()].find((each) => each.startsWith(inIndex ? `${name}.index` : `${name}.data`)) ?? "";
        const bytes = (all.get(file) ?? new Uint8Array()).slice();
        for (const [place, bit] of places)
          bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ (1 << bit);
        const found = await readAll(name, new Map(all).set(file, bytes));
        if (found.length === 1 && right.length > 1)
          expect(["DATA_LOSS", "UNSUPPORTED", "NOT_FOUND"]).toContain(found[0]);
        else for (const [at, value] of found.entries()) if (typeof value !== "string") expect(value).toEqual(right[at]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(names)("names the tensor of %s whose shard is cut short or missing", async (name) => {
    const shard = [...all.keys()].find((each) => each.startsWith(`${name}.data-00000`)) ?? "";
    const bytes = all.get(shard) ?? new Uint8Array();
    const cut = await readAll(name, new Map(all).set(shard, bytes.slice(0, bytes.length - 1)));
    expect(cut).toContain("DATA_LOSS");
    const missing = new Map(all);
    missing.delete(shard);
    expect(await readAll(name, missing)).toContain("NOT_FOUND");
    const bundle = await openBundle(reader(new Map(all).set(shard, new Uint8Array())), name);
    const errors = await Promise.all(
      bundle.keys.map((key) =>
        bundle.read(key).then(
          () => "",
          (error: Error) => error.message,
        ),
      ),
    );
    expect(errors.filter((message) => message !== "").length).toBeGreaterThan(0);
    for (const message of errors)
      expect(message).toMatch(/^$|^\w+: .+: (the shard is cut short|the checksum is wrong)/);
  });

  it("has no index at all", async () => {
    expect(await codeOf(() => openBundle(reader(new Map()), "none"))).toBe("NOT_FOUND");
  });

  it("may be any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await codeOf(() => openBundle(reader(new Map([["x.index", bytes]])), "x"))).toBe("DATA_LOSS");
      }),
    );
  });
});
