import { build } from "esbuild";
import { expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { runPage } from "./browser.js";

// Provided by `npm test`, which says so where it cannot.
const chromium = process.env["SERVABLE_CHROMIUM"] ?? "";

/** Runs in the page, on the built files. */
const SCRIPT = `
import { Subject } from "rxjs";
import { createManager, ServingError } from "./packages/core/dist/index.js";

const released = [];
const loader = (greeting) => ({
  async load({ id }) {
    return { servable: { greeting }, async [Symbol.asyncDispose]() { released.push(id.version); } };
  },
});
try {
  const source = new Subject();
  const manager = createManager({ page: source });
  const events = [];
  manager.events$.subscribe(({ type, id }) => events.push(type.replace("version-", "") + " " + id.version));
  source.next({ name: "m", versions: [{ version: 1, data: loader("Hello") }] });
  await manager.whenAvailable("m");
  const first = await manager.use("m", ({ greeting }) => greeting);
  source.next({ name: "m", versions: [{ version: 2, data: loader("Good day") }] });
  await manager.whenAvailable("m", { version: 2 });
  const handle = manager.acquire("m");
  const second = handle.servable.greeting;
  handle.release();
  let refused;
  try { manager.acquire("n"); } catch (error) { refused = ServingError.is(error) && error.message; }
  await manager.close();
  await answer({ first, second, refused, released, events: events.join(", ") });
} catch (error) {
  await answer({ error: String(error?.stack ?? error) });
}
function answer(result) {
  return fetch("/result", { method: "POST", body: JSON.stringify(result) });
}
`;

const EVENTS =
  "started 1, loading 1, available 1, started 2, loading 2, available 2, unloading 1, ended 1, unloading 2, ended 2";

it.skipIf(chromium === "")("core runs a manager in a page", async () => {
  const options = { bundle: true, format: "esm", target: "es2022", write: false, platform: "browser" } as const;
  const { outputFiles } = await build({ stdin: { contents: SCRIPT, resolveDir: root }, ...options });
  const page = '<!doctype html><title>core</title><script type="module" src="/page.js"></script>';
  const result = await runPage(chromium, {
    "/": { type: "text/html", body: page },
    "/page.js": { type: "text/javascript", body: outputFiles[0]?.contents ?? "" },
  });
  expect(result).toEqual({
    first: "Hello",
    second: "Good day",
    refused: "no model is named n; there is m",
    released: [1, 2],
    events: EVENTS,
  });
});
