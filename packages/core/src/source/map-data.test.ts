import { lastValueFrom, of, Subject, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Loader } from "../loader.js";
import { loadWith } from "./load-with.js";
import { mapData } from "./map-data.js";
import type { AspiredVersion, AspiredVersions } from "./source.js";

const boom = new Error("boom");
const upper = mapData((data: string, version) => {
  if (data === "bad") throw boom;
  return `${data.toUpperCase()}${version}`;
});

describe("mapData", () => {
  it.each<[string, readonly AspiredVersion<string>[], readonly AspiredVersion<string>[]]>([
    ["converts data by version", [{ version: 3, data: "a" }], [{ version: 3, data: "A3" }]],
    ["keeps revisions", [{ version: 1, data: "a", revision: "r" }], [{ version: 1, data: "A1", revision: "r" }]],
    ["leaves errors alone", [{ version: 1, error: "e" }], [{ version: 1, error: "e" }]],
    [
      "makes an error of the version alone that it cannot convert",
      [
        { version: 2, data: "bad", revision: "r" },
        { version: 1, data: "a" },
      ],
      [
        { version: 2, error: boom },
        { version: 1, data: "A1" },
      ],
    ],
    ["leaves an empty list empty", [], []],
  ])("%s", async (_, versions, expected) => {
    const said = { name: "m", skipped: [{ entry: "x", reason: "y" }], notes: ["n"] };
    const list: AspiredVersions<string> = { ...said, versions };
    expect(await lastValueFrom(of(list).pipe(upper))).toEqual({ ...said, versions: expected });
  });

  it("passes on the end of a source, and unsubscribes from it", async () => {
    await expect(lastValueFrom(throwError(() => boom).pipe(upper))).rejects.toBe(boom);
    const source = new Subject<AspiredVersions<string>>();
    source.pipe(upper).subscribe().unsubscribe();
    expect(source.observed).toBe(false);
  });
});

it("loadWith makes the loader of each version out of its data", async () => {
  const loader: Loader<string> = { load: async () => ({ servable: "s", [Symbol.asyncDispose]: async () => {} }) };
  const asked: unknown[] = [];
  const source = of({ name: "m", versions: [{ version: 4, revision: "r", data: "files" }] } as const).pipe(
    loadWith((data: string, version) => {
      asked.push([data, version]);
      return loader;
    }),
  );
  expect(await lastValueFrom(source)).toEqual({
    name: "m",
    versions: [{ version: 4, revision: "r", data: loader }],
  });
  expect(asked).toEqual([["files", 4]]);
});
