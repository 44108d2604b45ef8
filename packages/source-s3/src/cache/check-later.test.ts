import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import { checkLater } from "./check-later.js";

describe("checking an open entry in the background", () => {
  const digest = createHash("sha256").update("bytes").digest("hex");
  const record = { files: [{ name: "a/b", sizeBytes: 5, algorithm: "sha256", digest, mtimeMs: 0 } as const] };

  it("marks one whose bytes have turned, and tells of it", async () => {
    await using folder = await tempFolder();
    await folder.write("files/a/b", "bytez");
    const warning = await new Promise<string>((onWarning) => {
      checkLater({ folder: folder.path, record, onWarning, delayMs: 0 });
    });
    expect(warning).toContain("a/b has changed on the disk");
    expect(await readdir(folder.path)).toContain("damaged");
  });

  it("says nothing of one that is whole, and nothing once it was ended", async () => {
    await using folder = await tempFolder();
    await folder.write("good/files/a/b", "bytes");
    await folder.write("ended/files/a/b", "bytez");
    await folder.write("bad/files/a/b", "bytez");
    const warnings: string[] = [];
    const check = (name: string, done: () => void = () => {}): (() => void) =>
      checkLater({
        folder: folder.at(name),
        record,
        delayMs: 0,
        onWarning: (text) => {
          warnings.push(text);
          done();
        },
      });
    check("good");
    check("ended")();
    // The last to be begun ends last.
    await new Promise<void>((resolve) => check("bad", resolve));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("bad");
    expect(await readdir(folder.at("good"))).toEqual(["files"]);
  });
});
