import { type MetaGraphDef, SavedModel } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { missingFromSavedModel } from "./completeness.js";
import { parseSavedModel } from "./saved-model.js";
import { block, entryBytes, indexOf, shapeProto, tableOf } from "./testing/bundle-writer.js";
import { type Files, filesIn, fixtures, listing, reader, savedModelBytes } from "./testing/files.js";

const missing = (files: Files): Promise<string | undefined> => missingFromSavedModel(listing(files), reader(files));

describe.each(["mnist/1", "mnist/2", "mnist_estimator/1", "tf1_text/1", "half_plus_two/1", "multi/1", "unsupported/1"])(
  "%s",
  (model) => {
    it("is complete when all files are there", async () => {
      expect(await missing(await filesIn(`${fixtures}/${model}`))).toBeUndefined();
    });

    it("lacks each file that is not there, by name", async () => {
      const files = await filesIn(`${fixtures}/${model}`);
      for (const name of files.keys()) {
        const rest = new Map(files);
        rest.delete(name);
        // Facts about the export, which nobody needs to serve it.
        const optional = name === "fingerprint.pb" || name === "keras_metadata.pb";
        expect(await missing(rest), name).toEqual(optional ? undefined : expect.stringContaining(name));
      }
    });

    it("is complete at the last byte of the last file, in whatever order it is copied", async () => {
      const files = [...(await filesIn(`${fixtures}/${model}`))].filter(([name]) => !name.endsWith("fingerprint.pb"));
      for (const order of [files, files.toReversed()]) {
        const copied = new Map<string, Uint8Array>();
        for (const [index, [name, bytes]] of order.entries()) {
          copied.set(name, bytes.slice(0, bytes.length - 1));
          const isText = name.startsWith("assets/");
          if (!isText && name !== "saved_model.pb") expect(await missing(copied), `${name} less a byte`).toBeDefined();
          copied.set(name, bytes);
          if (index < order.length - 1) expect(await missing(copied), `up to ${name}`).toBeDefined();
        }
        expect(await missing(copied)).toBeUndefined();
      }
    });
  },
);

it.each([
  ["nothing", new Map<string, Uint8Array>(), "saved_model.pb is missing"],
  ["an empty file", new Map([["saved_model.pb", new Uint8Array()]]), "saved_model.pb is empty"],
])("says of %s what is missing", async (_title, files, sentence) => {
  expect(await missing(files)).toBe(sentence);
});

it("takes a saved_model.pb that cannot be decoded for complete, since no file that comes can mend it", async () => {
  expect(await missing(new Map([["saved_model.pb", Uint8Array.of(255, 255, 255)]]))).toBeUndefined();
});

describe("a saved_model.pb that names other files", () => {
  const whole = parseSavedModel(savedModelBytes("half_plus_two/1"));

  /** The files of a model whose graph differs by `fields`, without any but saved_model.pb. */
  function alone(fields: Partial<MetaGraphDef>): Map<string, Uint8Array> {
    const metaGraphs = whole.metaGraphs.map((metaGraph) => ({ ...metaGraph, ...fields }));
    return new Map([["saved_model.pb", SavedModel.encode({ ...whole, metaGraphs }).finish()]]);
  }

  it("is all there is of a model that restores nothing", async () => {
    expect(await missing(alone({ saverDef: undefined }))).toBeUndefined();
  });

  it("wants the index first, then what the index names", async () => {
    const files = alone({});
    expect(await missing(files)).toBe("variables/variables.index is missing");
    files.set("variables/variables.index", new Uint8Array());
    expect(await missing(files)).toBe("variables/variables.index is cut short: 0 bytes");
    const place = { size: 4n, shape: shapeProto([4]) };
    files.set("variables/variables.index", indexOf([["t", entryBytes("uint8", { ...place, offset: 6n })]]));
    expect(await missing(files)).toBe("variables/variables.data-00000-of-00001 is missing");
    files.set("variables/variables.data-00000-of-00001", new Uint8Array(9));
    expect(await missing(files)).toBe("variables/variables.data-00000-of-00001 has 9 of 10 bytes");
    files.set("variables/variables.data-00000-of-00001", new Uint8Array(10));
    expect(await missing(files)).toBeUndefined();
  });

  it("wants every asset, of whatever size", async () => {
    const assetFileDef = ["a.txt", "b.txt"].map((filename) => ({ tensorInfo: undefined, filename }));
    const files = alone({ saverDef: undefined, assetFileDef });
    expect(await missing(files)).toBe("assets/a.txt is missing");
    files.set("assets/a.txt", new Uint8Array());
    expect(await missing(files)).toBe("assets/b.txt is missing");
    files.set("assets/b.txt", new Uint8Array());
    expect(await missing(files)).toBeUndefined();
  });

  it("takes an index in a format that is not read here for whole", async () => {
    const compressed = tableOf([block([])], { compression: 1 });
    expect(await missing(alone({}).set("variables/variables.index", compressed))).toBeUndefined();
  });
});

it("passes on what reading throws", async () => {
  const read = async (): Promise<Uint8Array> => {
    throw new Error("EIO");
  };
  await expect(missingFromSavedModel([{ name: "saved_model.pb", sizeBytes: 5 }], read)).rejects.toThrow("EIO");
});
