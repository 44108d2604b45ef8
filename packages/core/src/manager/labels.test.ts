import { describe, expect, it } from "vitest";
import { gatedLoader } from "../testing/gated-loader.js";
import { one, type Stage, stage, turn, two } from "../testing/stage.js";

/** Versions 1 and 2 are available. */
async function loaded(): Promise<Stage> {
  const world = stage();
  world.want(one(gatedLoader({ open: true })), two(gatedLoader({ open: true })));
  await turn();
  return world;
}

describe("selection", () => {
  it("gives the latest, the earliest, or the version asked for", async () => {
    const { manager, want } = await loaded();
    const chosen = (selector?: Parameters<typeof manager.acquire>[1]): number => {
      using handle = manager.acquire("m", selector);
      return handle.id.version;
    };
    expect([chosen(), chosen({}), chosen({ version: "latest" }), chosen({ version: "earliest" })]).toEqual([
      2, 2, 2, 1,
    ]);
    expect([chosen({ version: 1 }), chosen({ version: 2 })]).toEqual([1, 2]);
    want(two(gatedLoader()));
    await turn();
    expect(chosen({ version: "earliest" })).toBe(2);
  });

  it("refuses a version beside a label", async () => {
    const { manager } = await loaded();
    expect(() => manager.acquire("m", { version: 1, label: "stable" })).toThrow("exclude each other");
    await expect(manager.whenAvailable("m", { version: 1, label: "stable" })).rejects.toThrow("exclude each other");
  });
});

describe("a label", () => {
  it("is a version under another name, and moves in one step while handles stay where they are", async () => {
    const { manager, events } = await loaded();
    manager.setLabel("m", "stable", 1);
    using before = manager.acquire("m", { label: "stable" });
    manager.setLabel("m", "stable", 2);
    using after = manager.acquire("m", { label: "stable" });
    expect([before.id.version, after.id.version]).toEqual([1, 2]);
    expect(manager.model("m")?.labels).toEqual({ stable: 2 });
    expect(manager.explain("m")).toContain("label stable: version 2");
    expect(events.filter((event) => event.includes("label"))).toEqual(["stable label-moved", "stable label-moved"]);
  });

  it("may be set before its version is there, or its model is known", async () => {
    const { manager, want } = stage();
    manager.setLabel("m", "canary", 2);
    expect(() => manager.acquire("m", { label: "canary" })).toThrow("m is not known yet");
    want(one(gatedLoader({ open: true })));
    await turn();
    expect(() => manager.acquire("m", { label: "canary" })).toThrow(
      "m: label canary points to version 2, which is not available: its source has not listed it",
    );
    const loader = gatedLoader();
    want(one(gatedLoader()), two(loader));
    expect(() => manager.acquire("m", { label: "canary" })).toThrow("which is not available: loads, attempt 1");
    const waited = manager.whenAvailable("m", { label: "canary" });
    loader.pending[0]?.succeed();
    expect(await waited).toEqual({ name: "m", version: 2 });
    expect(manager.acquire("m", { label: "canary" }).id.version).toBe(2);
  });

  it("can be waited for before it is set", async () => {
    const { manager } = await loaded();
    const waited = manager.whenAvailable("m", { label: "stable" });
    manager.setLabel("m", "other", 2);
    manager.setLabel("m", "stable", 1);
    expect(await waited).toEqual({ name: "m", version: 1 });
  });

  it("that is not set is an error that lists those that are", async () => {
    const { manager } = await loaded();
    expect(() => manager.acquire("m", { label: "canary" })).toThrow("m has no label canary; it has none");
    manager.setLabel("m", "stable", 1);
    manager.setLabel("m", "canary", 2);
    manager.removeLabel("m", "canary");
    expect(() => manager.acquire("m", { label: "canary" })).toThrow("m has no label canary; it has stable (version 1)");
    expect(() => manager.acquire("m", { label: "toString" })).toThrow("m has no label toString");
  });

  it("that does not move is no event", async () => {
    const { manager, events } = await loaded();
    manager.setLabel("m", "stable", 1);
    manager.setLabel("m", "stable", 1);
    manager.removeLabel("m", "nothing");
    expect(events.filter((event) => event.includes("label"))).toHaveLength(1);
  });

  it.each([
    ["", 1, "a label must not be empty"],
    ["stable", -1, "-1 is not a version"],
    ["stable", 1.5, "1.5 is not a version"],
  ])("cannot be %j for version %d", async (label, version, message) => {
    const { manager } = await loaded();
    expect(() => manager.setLabel("m", label, version)).toThrow(message);
  });

  it("keeps pointing to a version that has gone", async () => {
    const { manager, want } = await loaded();
    manager.setLabel("m", "stable", 1);
    want(two(gatedLoader()));
    await turn();
    expect(() => manager.acquire("m", { label: "stable" })).toThrow("which is not available: was unloaded");
  });
});
