import type * as fs from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { listFolder, revisionOf } from "./list-folder.js";
import { tempFolder } from "./testing/temp-folder.js";

/** What the file system shall say of the path that ends so; change times cannot be set, so they are made up. */
const made = vi.hoisted(() => ({ ending: "", error: undefined as Error | undefined }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const stat = async (path: string, options: { readonly bigint: true }): Promise<object> => {
    const found = made.ending !== "" && path.endsWith(made.ending);
    if (found && made.error !== undefined) throw made.error;
    const stats = await real.stat(path, options);
    return Object.assign(stats, { mtimeNs: 5_000_000n, ctimeNs: found ? 9_000_000n : 7_000_000n });
  };
  return { ...real, stat };
});

it.each([
  ["nothing", "", 7],
  ["the folder itself", "version", 9],
  ["a file", "model", 9],
  ["a folder below", "variables", 9],
  ["a file in a folder below", "weights", 9],
])("the newest change is that of %s", async (_, ending, newestMs) => {
  await using base = await tempFolder();
  await base.write("version/model", "1");
  await base.write("version/variables/weights", "22");
  Object.assign(made, { ending, error: undefined });
  expect(await listFolder(base.at("version"))).toEqual({
    files: [
      { name: "model", sizeBytes: 1, mtimeNs: 5_000_000n },
      { name: "variables/weights", sizeBytes: 2, mtimeNs: 5_000_000n },
    ],
    newestMs,
  });
});

it.each([
  ["model", "EIO", "fails"],
  ["model", "EACCES", "fails"],
  ["model", "ENOENT", "leaves out"],
  ["version", "ENOENT", "fails"],
])("a %s that gives %s: the listing %s", async (ending, code, outcome) => {
  await using base = await tempFolder();
  await base.write("version/model", "1");
  const error = Object.assign(new Error(code), { code });
  Object.assign(made, { ending: join("/", ending), error });
  const listing = listFolder(base.at("version"));
  if (outcome === "fails") await expect(listing).rejects.toBe(error);
  else expect((await listing).files).toEqual([]);
});

it("a revision tells apart the folder, and the names, sizes and times of all files", () => {
  const file = { name: "a", sizeBytes: 1, mtimeNs: 1n };
  const states = [
    revisionOf("1", []),
    revisionOf("1", [file]),
    revisionOf("01", [file]),
    revisionOf("1", [{ ...file, name: "b" }]),
    revisionOf("1", [{ ...file, sizeBytes: 2 }]),
    revisionOf("1", [{ ...file, mtimeNs: 2n }]),
    // Beyond what a number holds.
    revisionOf("1", [{ ...file, mtimeNs: 1_700_000_000_000_000_000n }]),
    revisionOf("1", [{ ...file, mtimeNs: 1_700_000_000_000_000_001n }]),
    revisionOf("1", [file, { ...file, name: "b" }]),
    revisionOf("1", [{ ...file, name: 'a",1,"1"]["b' }]),
  ];
  expect(new Set(states).size).toBe(states.length);
  expect(revisionOf("1", [{ ...file }])).toBe(states[1]);
});
