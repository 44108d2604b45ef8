import { expect, it } from "vitest";
import type { Loader } from "../loader.js";
import { createManager } from "../manager/create-manager.js";
import { type GatedServable, gatedLoader } from "../testing/gated-loader.js";
import { manualClock } from "../testing/manual-clock.js";
import { turn } from "../testing/stage.js";
import { controllableSource } from "./controllable-source.js";
import { loadWith } from "./load-with.js";
import { pollSource } from "./poll-source.js";
import { staticSource } from "./static-source.js";

it("a manager serves what a static source lists", async () => {
  const manager = createManager({
    fixed: staticSource({ a: { 1: gatedLoader({ open: true }) }, b: { 2: gatedLoader({ open: true }) } }),
  });
  await manager.whenAvailable("b");
  using a = manager.acquire("a");
  using b = manager.acquire("b");
  expect([a.id.version, b.id.version]).toEqual([1, 2]);
});

it("a manager follows an app's own hand, and keeps what was aspired at its end", async () => {
  const control = controllableSource<Loader<GatedServable>, "m">();
  const manager = createManager({ app: control.lists$ });
  const first = gatedLoader({ open: true });
  control.add("m", { version: 1, data: first });
  await manager.whenAvailable("m", { version: 1 });
  control.add("m", { version: 2, data: gatedLoader({ open: true }) });
  await manager.whenAvailable("m", { version: 2 });
  control.remove("m", 1);
  await turn();
  expect(first.released).toBe(1);
  control.complete();
  await turn();
  expect(manager.acquire("m").id.version).toBe(2);
});

it("a manager serves on while looks fail, and explains why nothing changes", async () => {
  const loader = gatedLoader({ open: true });
  const clock = manualClock();
  let failing = false;
  const source = pollSource({
    name: "m",
    look: async () => {
      if (failing) throw new Error("the bucket is away");
      return { name: "m", versions: [{ version: 1, revision: "a", data: "x" }] };
    },
    clock,
  });
  const manager = createManager({ bucket: source.pipe(loadWith(() => loader)) });
  await manager.whenAvailable("m");
  failing = true;
  clock.advance(1_000);
  await turn();
  expect(manager.explain("m")).toContain("the look failed: the bucket is away");
  expect([loader.begun, loader.released]).toEqual([1, 0]);
  using m = manager.acquire("m");
  expect(m.servable.released).toBe(false);
});
