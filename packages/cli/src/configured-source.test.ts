import { type AspiredVersions, latest, type ModelFiles, type Source } from "@servable/core";
import { defer, Subject } from "rxjs";
import { expect, it, onTestFinished, vi } from "vitest";
import { configuredSource } from "./configured-source.js";
import type { ModelEntry } from "./model-config.js";

const model = (name: string, basePath: string): ModelEntry => ({
  name,
  basePath,
  versions: latest(),
  labels: new Map(),
});

/** A list that is driven by hand, a store per base path, and all that came out. */
function watching() {
  const models$ = new Subject<readonly ModelEntry[]>();
  const stores = new Map<string, Subject<AspiredVersions<ModelFiles>>>();
  const heard: string[] = [];
  const warnings: string[] = [];
  const followed: string[] = [];
  const sourceOf = ({ name, basePath }: ModelEntry): Source<ModelFiles> => {
    if (basePath === "s3://") throw new Error(`${name}: s3:// names no bucket`);
    const store = new Subject<AspiredVersions<ModelFiles>>();
    stores.set(basePath, store);
    return defer(() => stores.get(basePath) ?? store);
  };
  const source = configuredSource(models$, sourceOf, {
    onFollowed: (models) => followed.push(models.map(({ name }) => name).join(" ")),
    onWarning: (text) => warnings.push(text),
  });
  source.subscribe({
    next: ({ name, versions }) => heard.push(`${name}: ${versions.length}`),
    error: (error) => heard.push(`dead: ${String(error)}`),
  });
  return { models$, stores, heard, warnings, followed };
}

it("unloads what a new list leaves out and watches on the rest", () => {
  const { models$, stores, heard } = watching();
  models$.next([model("a", "/a"), model("b", "/b")]);
  const a = stores.get("/a");
  models$.next([model("a", "/a"), model("c", "/c")]);
  expect(heard).toEqual(["b: 0"]);
  expect(stores.get("/a")).toBe(a);
  expect([...stores].map(([path, store]) => [path, store.observed])).toEqual([
    ["/a", true],
    ["/b", false],
    ["/c", true],
  ]);
});

it("follows a list whole or not at all", () => {
  const { models$, stores, heard, warnings, followed } = watching();
  models$.next([model("a", "/a"), model("b", "/b")]);
  models$.next([model("a", "/other"), model("bad", "s3://")]);
  expect(followed).toEqual(["a b"]);
  expect(warnings).toEqual(["bad: s3:// names no bucket; what was configured before stays"]);
  stores.get("/a")?.next({ name: "a", versions: [] });
  expect(stores.get("/b")?.observed).toBe(true);
  expect(heard).toEqual(["a: 0"]);
  models$.next([model("a", "/other")]);
  expect(heard).toEqual(["a: 0", "b: 0"]);
});

it("refuses a first list with a model that cannot be watched", () => {
  const { models$, heard } = watching();
  models$.next([model("bad", "s3://")]);
  expect(heard).toEqual(["dead: Error: bad: s3:// names no bucket"]);
});

it("leaves the others alone when the source of one fails, tells it once and watches it again", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { models$, stores, heard, warnings } = watching();
  models$.next([model("a", "/a"), model("b", "/b")]);
  const fail = (): void => {
    const failing = stores.get("/a");
    stores.set("/a", new Subject());
    failing?.error(new Error("no more"));
  };
  fail();
  stores.get("/b")?.next({ name: "b", versions: [] });
  expect(warnings).toEqual(["a: its source failed: no more; what it offered stays, and it is tried again"]);
  expect(heard).toEqual(["b: 0"]);
  vi.advanceTimersByTime(999);
  expect(stores.get("/a")?.observed).toBe(false);
  vi.advanceTimersByTime(1);
  fail();
  vi.advanceTimersByTime(2_000);
  stores.get("/a")?.next({ name: "a", versions: [] });
  expect(heard).toEqual(["b: 0", "a: 0"]);
  expect(warnings).toHaveLength(1);
});

it("does not watch again what was left out while it waited", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { models$, stores } = watching();
  models$.next([model("a", "/a"), model("b", "/b")]);
  const failing = stores.get("/a");
  stores.set("/a", new Subject());
  failing?.error(new Error("no more"));
  models$.next([model("b", "/b")]);
  vi.advanceTimersByTime(120_000);
  expect(stores.get("/a")?.observed).toBe(false);
});
