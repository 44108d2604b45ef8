import { lastValueFrom, toArray } from "rxjs";
import { expect, it } from "vitest";
import { staticSource } from "./static-source.js";

it("emits one list for each name, then completes, for every subscriber", async () => {
  const source = staticSource({ vocab: { 2: "b", 1: "a" }, empty: {}, other: { 0: "c" } });
  for (let time = 0; time < 2; time++) {
    expect(await lastValueFrom(source.pipe(toArray()))).toEqual([
      {
        name: "vocab",
        versions: [
          { version: 1, data: "a" },
          { version: 2, data: "b" },
        ],
      },
      { name: "empty", versions: [] },
      { name: "other", versions: [{ version: 0, data: "c" }] },
    ]);
  }
});

it("stays as it was when what it was made of is changed", async () => {
  const models: Record<string, Record<number, string>> = { vocab: { 1: "a" } };
  const source = staticSource(models);
  models["vocab"] = { 2: "b" };
  expect(await lastValueFrom(source)).toEqual({ name: "vocab", versions: [{ version: 1, data: "a" }] });
});

it.each([
  ["an empty name", { "": { 1: "a" } }, "a model needs a name"],
  ["a negative version", { vocab: { [-1]: "a" } }, "-1 is not a version"],
  ["a fraction", { vocab: { 1.5: "a" } }, "1.5 is not a version"],
  ["a name in place of a number", { vocab: { latest: "a" } }, "NaN is not a version"],
  ["a number too big to be exact", { vocab: { "9007199254740993": "a" } }, "is not a version"],
  ["a number that is written otherwise", { vocab: { "01": "a" } }, '"01" is not a version; write it as 1'],
  ["a blank", { vocab: { "": "a" } }, '"" is not a version; write it as 0'],
])("refuses %s", (_, models: Record<string, Record<number, string>>, message) => {
  expect(() => staticSource(models)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
  );
});
