import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { runPage, type Site } from "./browser.js";

// Provided by `npm test`, which says so where it cannot.
const chromium = process.env["SERVABLE_CHROMIUM"] ?? "";

/** Opens the page in a frame, draws into it as a user would, and tells what it shows. */
const driver = (steps: string): string => `
const frame = document.querySelector("iframe");
await new Promise((resolve) => frame.addEventListener("load", resolve));
const page = frame.contentDocument;
const text = (id) => page.getElementById(id).textContent;
/** Resolves once the page shows what is wanted. */
const shows = (id, wanted) => new Promise((resolve) => {
  const look = () => wanted.test(text(id)) && (observer.disconnect(), resolve(text(id)));
  const observer = new frame.contentWindow.MutationObserver(look);
  observer.observe(page.body, { childList: true, subtree: true, characterData: true });
  look();
});
const stroke = (points) => {
  const canvas = page.querySelector("canvas");
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const send = (target, type, [x, y]) => target.dispatchEvent(
    new frame.contentWindow.PointerEvent(type, { clientX: left + x * width, clientY: top + y * height, bubbles: true }),
  );
  send(canvas, "pointerdown", points[0]);
  for (const point of points) send(canvas, "pointermove", point);
  send(canvas, "pointerup", points.at(-1));
};
const circle = Array.from({ length: 40 }, (_, at) => [0.5 + 0.2 * Math.cos(at / 6), 0.5 + 0.3 * Math.sin(at / 6)]);
const line = [[0.5, 0.15], [0.5, 0.5], [0.5, 0.85]];
const shown = [];
try {
  ${steps}
} catch (error) {
  shown.push(String(error));
}
await fetch("/result", { method: "POST", body: JSON.stringify(shown) });
`;

async function site(steps: string): Promise<Site> {
  const path = pathToFileURL(join(root, "examples/draw-a-digit/server.mjs")).href;
  const example = (await import(path)) as { site(): Promise<Site> };
  const { "/": page, ...files } = await example.site();
  if (page === undefined) throw new Error("the example has no page");
  return {
    ...files,
    "/page.html": page,
    "/": {
      type: "text/html",
      body: `<iframe src="/page.html" width="600" height="900"></iframe><script type="module" src="/driver.js"></script>`,
    },
    "/driver.js": { type: "text/javascript", body: driver(steps) },
  };
}

describe.skipIf(chromium === "")("the page to draw a digit on", () => {
  it("shows what was drawn, and goes on when the version is swapped", async () => {
    const steps = `
      await shows("answer", /Draw a digit/);
      stroke(circle);
      shown.push(await shows("answer", /^It is a/));
      page.getElementById("clear").click();
      await shows("answer", /Draw a digit/);
      stroke(line);
      shown.push(await shows("answer", /^It is a/));
      page.getElementById("swap").click();
      shown.push(await shows("version", /Version 2/), page.querySelectorAll("#bars progress").length);
    `;
    const shown = await runPage(chromium, await site(steps));
    expect(shown).toEqual([
      expect.stringMatching(/^It is a 0 \(/),
      expect.stringMatching(/^It is a 1 \(/),
      "Version 2 answers.",
      10,
    ]);
  });

  it("says that the model cannot be loaded", async () => {
    const whole = await site(`shown.push(await shows("answer", /cannot be loaded/));`);
    const broken = Object.fromEntries(Object.entries(whole).filter(([path]) => !path.endsWith("saved_model.pb")));
    expect(await runPage(chromium, broken)).toEqual([expect.stringMatching(/cannot be loaded: .*saved_model\.pb/)]);
  });
});
