import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { runPage, type Site } from "./browser.js";

// Provided by `npm test`, which says so where it cannot.
const chromium = process.env["SERVABLE_CHROMIUM"] ?? "";
const dist = join(root, "packages/loader-tf/dist");

/** Runs in the page, on the built files: loads the model from its address and compares with what TensorFlow answered. */
const script = (threads: number): string => `
import { createManager, loadWith, staticSource } from "@servable/core";
import { savedModel, urlFiles } from "./portable.js";

const files = urlFiles(new URL("/models/mnist/1", location));
const source = staticSource({ mnist: { 1: files } }).pipe(loadWith(savedModel({ threads: ${threads}, wasmPath: "/" })));
try {
  const { calls } = await (await fetch("/calls.json")).json();
  const manager = createManager({ web: source });
  await manager.whenAvailable("mnist");
  let largest = 0;
  for (const { inputs, outputs, signature } of calls) {
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data: Float32Array.from(data) }]),
    );
    const answer = await manager.use("mnist", (model) => model.predict(given, { signature }));
    for (const [name, { data }] of Object.entries(outputs)) {
      data.forEach((value, index) => { largest = Math.max(largest, Math.abs(Number(answer[name].data[index]) - value)); });
    }
  }
  await manager.close();
  await answer({ calls: calls.length, largest });
} catch (error) {
  await answer({ error: String(error?.stack ?? error), cause: String(error?.cause?.stack ?? error?.cause) });
}
function answer(result) {
  return fetch("/result", { method: "POST", body: JSON.stringify(result) });
}
`;

async function site(threads: number): Promise<Site> {
  const bundled = async (contents: string): Promise<string> => {
    const options = { bundle: true, format: "esm", target: "es2022", write: false, platform: "browser" } as const;
    // For a browser: a module of Node's among what is bundled is an error.
    const { outputFiles } = await build({ stdin: { contents, resolveDir: dist }, ...options });
    return outputFiles[0]?.text ?? "";
  };
  const javascript = (body: string): Site[string] => ({ type: "text/javascript", body });
  const binary = (path: string): Site[string] => ({
    type: "application/octet-stream",
    body: readFileSync(join(root, path)),
  });
  const kernels = "node_modules/@tensorflow/tfjs-backend-wasm/dist";
  const wasm = readdirSync(join(root, kernels)).filter((name) => name.endsWith(".wasm"));
  const models = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"];
  return {
    "/": {
      type: "text/html",
      body: '<!doctype html><title>mnist</title><script type="module" src="/page.js"></script>',
    },
    "/page.js": javascript(await bundled(script(threads))),
    "/portable-web-worker.js": javascript(await bundled('import "./portable-web-worker.js";')),
    "/calls.json": binary("fixtures/mnist/calls/1.json"),
    ...Object.fromEntries(models.map((name) => [`/models/mnist/1/${name}`, binary(`fixtures/mnist/1/${name}`)])),
    ...Object.fromEntries(
      wasm.map((name) => [`/${name}`, { ...binary(`${kernels}/${name}`), type: "application/wasm" }]),
    ),
  };
}

describe.skipIf(chromium === "")("a page that loads a SavedModel from its address", () => {
  it.each([
    ["in a web worker", 1],
    ["in two web workers", 2],
    ["on its own thread", 0],
  ])("answers as TensorFlow does, %s", async (_title, threads) => {
    const result = await runPage(chromium, await site(threads));
    expect(result).toEqual({ calls: expect.any(Number), largest: expect.any(Number) });
    expect((result as { largest: number }).largest).toBeLessThan(1e-5);
  });
});
