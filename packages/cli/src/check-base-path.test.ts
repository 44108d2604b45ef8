import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkBasePath } from "./check-base-path.js";
import { UsageError } from "./usage-error.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "servable-base-path-"));
  await mkdir(join(folder, "empty"));
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "saved_model.pb"), "");
  await mkdir(join(folder, "versions", "1"), { recursive: true });
  await writeFile(join(folder, "file"), "");
});
afterAll(() => rm(folder, { recursive: true }));

it.each(["empty", "versions"])("takes %s", async (name) => {
  await expect(checkBasePath(join(folder, name))).resolves.toBeUndefined();
});

it.each([
  ["nowhere", "there is no folder"],
  ["file", "is a file, not a folder"],
  ["file/below", "cannot be read (ENOTDIR)"],
  ["model", "is itself a SavedModel; it must be the folder above"],
])("refuses %s", async (name, message) => {
  const check = checkBasePath(join(folder, name));
  await expect(check).rejects.toThrow(message);
  await expect(check).rejects.toBeInstanceOf(UsageError);
});
