import fc from "fast-check";
import { expect, it } from "vitest";
import { type BaseEntry, versionFolders } from "./version-folders.js";

const folder = (name: string): BaseEntry => ({ name, kind: "folder" });

it.each([
  ["0", 0],
  ["1", 1],
  ["00000123", 123],
  ["20240131", 20240131],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
])("the folder %s is version %d", (name, version) => {
  expect(versionFolders([folder(name)])).toEqual({ folders: new Map([[version, name]]), skipped: [] });
});

it.each([
  ["v0.1", "not a decimal number"],
  ["+7", "not a decimal number"],
  ["-1", "not a decimal number"],
  [" 7", "not a decimal number"],
  ["7 ", "not a decimal number"],
  ["7\n", "not a decimal number"],
  ["0x7", "not a decimal number"],
  ["1e3", "not a decimal number"],
  ["٧", "not a decimal number"],
  ["1.0", "not a decimal number"],
  ["", "not a decimal number"],
  ["tmp-8", "parseVersion"],
  ["9007199254740992", "not a version"],
  ["9".repeat(400), "not a version"],
])("the folder %j is skipped with a reason", (name, reason) => {
  const { folders, skipped } = versionFolders([folder(name)]);
  expect(folders.size).toBe(0);
  expect(skipped).toEqual([{ entry: name, reason: expect.stringContaining(reason) }]);
});

it.each([
  [{ name: "7", kind: "file" }, "it is a file"],
  [{ name: "7", kind: "dangling-link" }, "a link to nothing"],
  [{ name: "7.txt", kind: "file" }, "not a decimal number"],
  [{ name: "saved_model.pb", kind: "file" }, "move it into a version folder"],
] as const)("%j is skipped with a reason", (entry, reason) => {
  expect(versionFolders([entry])).toEqual({
    folders: new Map(),
    skipped: [{ entry: entry.name, reason: expect.stringContaining(reason) }],
  });
});

it.each([[["1", "01", "001"]], [["001", "01", "1"]], [["01", "1", "001"]]])(
  "of %j the shortest name is taken, whatever the order",
  (names) => {
    const { folders, skipped } = versionFolders(names.map(folder));
    expect(folders).toEqual(new Map([[1, "1"]]));
    expect(skipped).toEqual([
      { entry: "001", reason: 'version 1 is taken from "1"' },
      { entry: "01", reason: 'version 1 is taken from "1"' },
    ]);
  },
);

it("a file with the shorter name does not take the place of a folder", () => {
  const { folders, skipped } = versionFolders([{ name: "1", kind: "file" }, folder("01")]);
  expect(folders).toEqual(new Map([[1, "01"]]));
  expect(skipped.map(({ entry }) => entry)).toEqual(["1"]);
});

it("other names are read by parseVersion, and what it cannot mean is skipped", () => {
  const parse = (name: string): number | undefined => {
    if (name === "bad") throw new Error("no idea");
    const found = /^v(-?[\d.]+)$/.exec(name)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const { folders, skipped } = versionFolders(["v3", "v-1", "v0.5", "other", "bad", "v03"].map(folder), parse);
  expect(folders).toEqual(new Map([[3, "v3"]]));
  expect(Object.fromEntries(skipped.map(({ entry, reason }) => [entry, reason]))).toEqual({
    "v-1": expect.stringContaining("-1 is not a version"),
    "v0.5": expect.stringContaining("0.5 is not a version"),
    v03: 'version 3 is taken from "v3"',
    other: "parseVersion finds no version in its name",
    bad: "parseVersion threw: no idea",
  });
});

it("every entry is either a version or skipped, never both, and the order of the listing does not matter", () => {
  const name = fc.oneof(fc.stringMatching(/^0{0,3}[0-9]{1,3}$/), fc.stringMatching(/^[-+v]?[0-9.]{1,3}$/), fc.string());
  const entry = fc.record({ name, kind: fc.constantFrom("folder", "file", "dangling-link") });
  fc.assert(
    fc.property(
      fc.uniqueArray(entry, { selector: (each) => each.name }),
      fc.infiniteStream(fc.nat()),
      (entries, order) => {
        const found = versionFolders(entries);
        const names = [...found.folders.values(), ...found.skipped.map((each) => each.entry)];
        expect(names.sort()).toEqual(entries.map((each) => each.name).sort());
        for (const [version, each] of found.folders) expect(Number(each)).toBe(version);
        const shuffled = entries.map((each) => ({ each, key: order.next().value }));
        expect(versionFolders(shuffled.sort((a, b) => a.key - b.key).map(({ each }) => each))).toEqual(found);
      },
    ),
  );
});
