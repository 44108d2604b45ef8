import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenFiles } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folderFiles } from "./folder-files.js";
import { HALF_PLUS_TWO, tempFolder } from "./testing/temp-folder.js";

const context = { signal: new AbortController().signal, report: () => {} };
const open = (path: string): Promise<OpenFiles> => folderFiles(path).open(context);

describe("open", () => {
  it("gives the files of a folder, those below it with slashes in their names", async () => {
    await using files = await open(join(HALF_PLUS_TWO, "1"));
    const listed = await files.list();
    expect(listed.map(({ name }) => name)).toEqual([
      "fingerprint.pb",
      "saved_model.pb",
      "variables/variables.data-00000-of-00001",
      "variables/variables.index",
    ]);
    for (const { name, sizeBytes } of listed) {
      const bytes = await files.read(name);
      expect(bytes).toEqual(new Uint8Array(await readFile(join(HALF_PLUS_TWO, "1", name))));
      expect(bytes.length).toBe(sizeBytes);
    }
  });

  it("fails for a folder that is gone, and may be tried again", async () => {
    await using base = await tempFolder();
    const error = { name: "ServingError", code: "NOT_FOUND", message: expect.stringContaining(base.at("1")) };
    await expect(open(base.at("1"))).rejects.toMatchObject({ ...error, retryable: true });
    await base.write("1", "a file");
    await expect(open(base.at("1"))).rejects.toMatchObject(error);
  });

  it("ends with the reason of a signal that has aborted", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(folderFiles(HALF_PLUS_TWO).open({ ...context, signal })).rejects.toBe(reason);
  });

  it("ends with the reason of a signal that aborts meanwhile", async () => {
    const stopping = new AbortController();
    const opening = folderFiles(HALF_PLUS_TWO).open({ ...context, signal: stopping.signal });
    const reason = new Error("enough");
    stopping.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });

  it("keeps to the folder that a link led to, when the link is turned", async () => {
    await using base = await tempFolder();
    await base.write("a/model", "old");
    await base.write("b/model", "new");
    await symlink("a", base.at("1"));
    await using files = await open(base.at("1"));
    await symlink("b", base.at("next"));
    await rename(base.at("next"), base.at("1"));
    expect(new TextDecoder().decode(await files.read("model"))).toBe("old");
    await using later = await open(base.at("1"));
    expect(new TextDecoder().decode(await later.read("model"))).toBe("new");
  });

  it("gives nothing after disposal, which may happen twice", async () => {
    const files = await open(HALF_PLUS_TWO);
    await files[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
    await expect(files.list()).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    await expect(files.read("calls/1.json")).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });
});

describe("list", () => {
  it("follows links, but not round in circles, and leaves out what cannot be read as a file", async () => {
    await using base = await tempFolder();
    await base.write("elsewhere/deep/weights", "12345");
    await base.write("1/model", "123");
    await symlink("../elsewhere", base.at("1/linked"));
    await symlink(".", base.at("1/self"));
    await symlink("../..", base.at("elsewhere/deep/top"));
    await symlink("nowhere", base.at("1/dangling"));
    await symlink("circle", base.at("1/circle"));
    await mkdir(base.at("1/empty"));
    if (process.platform !== "win32") execFileSync("/usr/bin/env", ["mkfifo", base.at("1/pipe")]);
    await using files = await open(base.at("1"));
    const listed = await files.list();
    expect(listed).toContainEqual({ name: "linked/deep/weights", sizeBytes: 5 });
    expect(listed).toContainEqual({ name: "model", sizeBytes: 3 });
    expect(listed.filter(({ name }) => /pipe|dangling|circle|self|empty/.test(name))).toEqual([]);
  });

  it("fails when the folder has gone since", async () => {
    await using base = await tempFolder();
    await base.write("1/model", "");
    await using files = await open(base.at("1"));
    await rm(base.at("1"), { recursive: true });
    await expect(files.list()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("read", () => {
  it.each([
    ["../secret"],
    [".."],
    ["variables/../../secret"],
    ["variables/../model"],
    ["/etc/passwd"],
    ["a\0b"],
    ["model/.."],
  ])("refuses the name %j", async (name) => {
    await using base = await tempFolder();
    await base.write("secret", "secret");
    await base.write("1/model", "abc");
    await mkdir(base.at("1/variables"));
    await using files = await open(base.at("1"));
    await expect(files.read(name)).rejects.toMatchObject({ name: "ServingError", code: "INVALID_ARGUMENT" });
  });

  it.each([["missing"], ["variables"], ["model/below"], [""], ["..."], ["x".repeat(5_000)]])(
    "finds no file under the name %j",
    async (name) => {
      await using base = await tempFolder();
      await base.write("1/model", "abc");
      await mkdir(base.at("1/variables"));
      await using files = await open(base.at("1"));
      await expect(files.read(name)).rejects.toMatchObject({
        name: "ServingError",
        code: "NOT_FOUND",
        message: expect.stringContaining(base.at("1")),
      });
    },
  );

  it.runIf(process.platform !== "win32")("does not wait at a pipe", async () => {
    await using base = await tempFolder();
    execFileSync("/usr/bin/env", ["mkfifo", base.at("pipe")]);
    await using files = await open(base.path);
    await expect(files.read("pipe")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    [0, 4],
    [4, 4],
    [2, 1],
    [-1, 2],
    [0.5, 2],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ])("refuses bytes %d to %d of three", async (start, end) => {
    await using base = await tempFolder();
    await base.write("model", "abc");
    await using files = await open(base.path);
    await expect(files.read("model", { start, end })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("of a file of 3 bytes"),
    });
  });

  it("gives all bytes of a file that takes several steps to read", async () => {
    await using base = await tempFolder();
    const length = 2 ** 26 + 5;
    await writeFile(base.at("model"), "head");
    await truncate(base.at("model"), length - 4);
    await appendFile(base.at("model"), "tail");
    await using files = await open(base.path);
    const bytes = await files.read("model");
    expect(bytes.length).toBe(length);
    const text = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(start, end));
    expect([text(0, 4), text(length - 4, length)]).toEqual(["head", "tail"]);
  });

  it("gives the bytes of any range, many at a time", async () => {
    await using base = await tempFolder();
    const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index * 7);
    await writeFile(base.at("model"), bytes);
    await symlink("model", base.at("link"));
    await using files = await open(base.path);
    const range = fc
      .tuple(fc.nat(1_000), fc.nat(1_000))
      .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 5 }), fc.constantFrom("model", "link"), async (ranges, name) => {
        const read = await Promise.all(ranges.map((each) => files.read(name, each)));
        expect(read).toEqual(ranges.map(({ start, end }) => bytes.slice(start, end)));
      }),
    );
  });
});
