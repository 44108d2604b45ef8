import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadContext } from "@servable/core/testing";
import { savedModel } from "@servable/loader-tf";
import { afterAll, describe, expect, it } from "vitest";
import { fixtureFiles } from "../../packages/loader-tf/src/testing/fixture-files.js";
import { library, tfjsNode } from "./engines.js";

const folder = mkdtempSync(join(tmpdir(), "servable-bad-library-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads a model with a library; what it threw. */
async function refusal(path: string): Promise<unknown> {
  const loader = savedModel({ engine: "native", native: { library: path } });
  const files = fixtureFiles("half_plus_two/1");
  const error: unknown = await loader(files)
    .load(loadContext())
    .then(
      (loaded) => loaded[Symbol.asyncDispose](),
      (thrown: unknown) => thrown,
    );
  expect(files.closed).toBe(files.opened);
  return error;
}

const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: "FAILED_PRECONDITION", message: expect.stringMatching(message) });

/** A shared library of this system without any symbol of TensorFlow's. */
function compile(name: string, ...args: readonly string[]): string {
  const path = join(folder, name);
  execFileSync("cc", ["-shared", "-fPIC", "-o", path, "-x", "c", "/dev/null", "-x", "none", ...args]);
  return path;
}

describe.skipIf(process.platform !== "linux" || library === undefined)("a library that is not TensorFlow's", () => {
  it("is refused where there is no file", async () => {
    const path = join(folder, "nowhere.so");
    expect(await refusal(path)).toEqual(refused(/m\/1: there is no file .*nowhere\.so.*native\.library/));
  });

  it("is refused where it is no library", async () => {
    const path = join(folder, "text.so");
    writeFileSync(
      path,
      "this is a text, and longer than the header of a library needs to be, so that it is read whole",
    );
    expect(await refusal(path)).toEqual(refused(/text\.so is no library of this system/));
  });

  it("is refused with the name of the symbol that it lacks", async () => {
    expect(await refusal(compile("empty.so"))).toEqual(refused(/empty\.so lacks TF_Version of TensorFlow's C API/));
  });

  it("is refused where it is for another processor", async () => {
    const bytes = readFileSync(compile("foreign.so"));
    const [code, name] = process.arch === "x64" ? [183, "arm64"] : [62, "x64"];
    bytes.writeUInt16LE(code, 18);
    const path = join(folder, "other.so");
    writeFileSync(path, bytes);
    expect(await refusal(path)).toEqual(refused(new RegExp(`other\\.so is for ${name}, and this Node for`)));
  });

  it("is refused with the name of the library that is missing beside it", async () => {
    const sibling = compile("libsibling.so");
    const path = compile("lonely.so", "-Wl,--no-as-needed", `-L${folder}`, "-lsibling");
    rmSync(sibling);
    expect(await refusal(path)).toEqual(refused(/lonely\.so needs libsibling\.so, which is not beside it/));
  });

  it("has spoilt nothing: TensorFlow can still be loaded, and beside it no other", async () => {
    expect(await refusal(library ?? "")).toBeUndefined();
    const error = await refusal(compile("second.so"));
    expect(error).toEqual(refused(/second\.so cannot be loaded beside .*libtensorflow.* \(TensorFlow 2\./));
    expect(await refusal(library ?? "")).toBeUndefined();
  });

  it.skipIf(tfjsNode === undefined)("all three engines answer in one process, at the same time", async () => {
    const loaders = [
      savedModel({ engine: "native", native: { library: library ?? "" } }),
      savedModel({ engine: "tfjs-node", tfjsNode: { package: tfjsNode ?? "" } }),
      savedModel({ threads: 0 }),
    ];
    const loaded = await Promise.all(
      loaders.map((loader) => loader(fixtureFiles("half_plus_two/1")).load(loadContext())),
    );
    const names = loaded.map((each) => each.describe?.()["engine"]);
    expect(names).toEqual(["native", "tfjs-node", "portable"]);
    const answers = await Promise.all(loaded.map(({ servable }) => servable.predict({ x: [2, 4] })));
    for (const { y } of answers) expect(Array.from(y?.data as Float32Array)).toEqual([3, 4]);
    for (const each of loaded) await each[Symbol.asyncDispose]();
  });
});
