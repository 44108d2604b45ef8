import { describe, expect, it } from "vitest";
import { missingFromSavedModel } from "./completeness.js";
import { type Files, filesIn, fixtures, listing, reader } from "./testing/files.js";

const missing = (files: Files): Promise<string | undefined> => missingFromSavedModel(listing(files), reader(files));

describe.each(["mnist/1", "mnist_estimator/1", "tf1_text/1", "half_plus_two/1"])("%s", (model) => {
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
});

it.each([
  ["nothing", new Map<string, Uint8Array>(), "saved_model.pb is missing"],
  ["an empty file", new Map([["saved_model.pb", new Uint8Array()]]), "saved_model.pb is empty"],
])("says of %s what is missing", async (_title, files, sentence) => {
  expect(await missing(files)).toBe(sentence);
});

it("takes a saved_model.pb that cannot be decoded for complete, since no file that comes can mend it", async () => {
  expect(await missing(new Map([["saved_model.pb", Uint8Array.of(255, 255, 255)]]))).toBeUndefined();
});

it("passes on what reading throws", async () => {
  const read = async (): Promise<Uint8Array> => {
    throw new Error("EIO");
  };
  await expect(missingFromSavedModel([{ name: "saved_model.pb", sizeBytes: 5 }], read)).rejects.toThrow("EIO");
});
