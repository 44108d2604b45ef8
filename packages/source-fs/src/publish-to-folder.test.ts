import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
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

it("removes what publishes of processes that are no more have left, and nothing of others", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "export");
  const host = encodeURIComponent(hostname());
  const { pid: dead } = spawnSync(process.execPath, ["--version"]);
  const alive = `.publishing-4-${process.ppid}-${host}`;
  const elsewhere = `.publishing-4-${dead}-another.host`;
  // The last has our own process id, as after a restart in a container, and must not get into the new version.
  for (const name of [`.publishing-2-${dead}-${host}`, alive, elsewhere, `.publishing-1-${process.pid}-${host}`]) {
    await base.write(`model/${name}/stale`, "half");
  }
  const { path } = await publishToFolder({ folder: base.at("export"), path: base.at("model") });
  expect(new Set(await readdir(base.at("model")))).toEqual(new Set(["1", alive, elsewhere]));
  expect(await readdir(path)).not.toContain("stale");
});

it("publishes a version once when asked twice at a time", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "export");
  const publish = () => publishToFolder({ folder: base.at("export"), path: base.at("model"), version: 5 });
  const results = await Promise.allSettled([publish(), publish()]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const refused = results.find((result) => result.status === "rejected");
  expect(refused?.reason).toMatchObject({ code: "ALREADY_EXISTS" });
  expect(await readdir(base.at("model"))).toEqual(["5"]);
});
