import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { publishToFolder } from "./publish-to-folder.js";
import { openStage } from "./testing/stage.js";

it("publishes the next version, which a source then offers", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "export");
  await base.copyModel(1, "model/9");
  const done = await publishToFolder({ folder: base.at("export"), path: base.at("model") });
  expect(done).toMatchObject({ version: 10, path: base.at("model/10") });
  const { lists } = await openStage({ path: base.at("model") });
  expect(lists.at(-1)?.versions.map(({ version }) => version)).toEqual([10]);
});

it("never writes over a version", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "export");
  await base.copyModel(2, "model/3");
  const again = publishToFolder({ folder: base.at("export"), path: base.at("model"), version: 3 });
  await expect(again).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  expect(await readdir(base.at("model"))).toEqual(["3"]);
});

it("leaves nothing behind when it is stopped or the folder is not complete", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "export");
  await base.write("broken/notes.txt", "no model");
  await base.write("model/.keep", "");
  const broken = publishToFolder({ folder: base.at("broken"), path: base.at("model") });
  await expect(broken).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(publishToFolder({ folder: base.at("export"), path: base.at("model"), signal })).rejects.toThrow();
  expect(await readdir(base.at("model"))).toEqual([".keep"]);
});
