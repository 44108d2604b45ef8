import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageNames, root, textOf } from "../repository/sources.js";
import { type Outcome, run } from "./run.js";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
let project = "";

async function must(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const outcome = await run(file, args, cwd);
  if (outcome.status !== 0)
    throw new Error(`${file} ${args.join(" ")} ended with ${outcome.status}:\n${outcome.output}`);
  return outcome;
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "servable-packed-"));
  const folders = packageNames().map((name) => join("packages", name));
  const { output } = await must(
    npm,
    ["pack", "--pack-destination", project, ...folders.map((each) => `./${each}`)],
    root,
  );
  const tarballs = output.split("\n").filter((line) => /^\S+\.tgz$/.test(line));
  expect(tarballs).toHaveLength(folders.length);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "app", type: "module", private: true }));
  await must(npm, ["install", "--no-audit", "--no-fund", "rxjs@7", ...tarballs.map((each) => `./${each}`)], project);
  const [, example = ""] = /^```ts\n(.*?)^```/ms.exec(textOf("README.md")) ?? [];
  expect(example).toContain("manager.use");
  await writeFile(join(project, "app.mjs"), example);
  await mkdir(join(project, "models"));
  await cp(join(root, "fixtures/mnist"), join(project, "models/mnist"), { recursive: true });
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** A Node of another major version, from npm. */
async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = join(root, ".cache", `node${major}`);
  await mkdir(folder, { recursive: true });
  await must(npm, ["install", "--prefix", folder, "--no-audit", "--no-fund", `node@${major}`], folder);
  return join(folder, "node_modules/node/bin/node");
}

describe("a new project that depends on the packed packages", () => {
  it.each([20, 24])("runs the README's example on Node %i", async (major) => {
    const node = await nodeOf(major);
    expect((await must(node, ["--version"], project)).output).toMatch(new RegExp(`^v${major}\\.`));
    const { status, output } = await run(node, ["app.mjs"], project);
    expect(status, output).toBe(0);
    expect(output).toContain("version-available");
    expect(output).toMatch(/\[ 1, 10 \] Float32Array\(10\)/);
  });

  it("has the command, which says its version", async () => {
    const { version } = JSON.parse(await readFile(join(root, "packages/cli/package.json"), "utf8")) as {
      version: string;
    };
    const { output } = await must(npm, ["exec", "--", "servable", "--version"], project);
    expect(output).toContain(version);
  });

  it("can be required by CommonJS", async () => {
    await writeFile(join(project, "app.cjs"), 'console.log(typeof require("@servable/core").createManager);\n');
    expect((await must(process.execPath, ["app.cjs"], project)).output).toContain("function");
  });
});
