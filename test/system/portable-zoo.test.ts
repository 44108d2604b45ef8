import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root, textOf } from "../repository/sources.js";
import { tryModel, type ZooResult, zooModels } from "./zoo.js";

/** How far a float may be off, for the largest value of its tensor. */
const TOLERANCE = 2e-4;

/** What the portable engine cannot run, with what its refusal must name. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  counter: ["AssignAddVariableOp"],
};

// Made by `npm test`, which says so where it cannot.
const models = zooModels();
const results = new Map<string, ZooResult>();

describe.skipIf(models.length === 0)("the portable engine gives TensorFlow's outputs for", () => {
  it.each(models.map((model) => [model.name, model] as const))("%s", async (name, model) => {
    const result = await tryModel(model, { threads: 0 });
    results.set(name, result);
    const wanted = REFUSED[name];
    if (result.state === "refused") {
      expect(wanted, result.message).toBeDefined();
      for (const op of wanted ?? []) expect(result.message).toContain(op);
    } else {
      expect(wanted, "it is listed as refused, and runs").toBeUndefined();
      expect(result.calls).toBeGreaterThan(0);
      expect(result.error).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it("docs/portable-models.md has them all, as they are", () => {
    const rows = [...textOf("docs/portable-models.md").matchAll(/^\| ([\w-]+) \| [^|]+ \| (same|refused)/gm)];
    const found = rows.map(([, name, state]) => [name, state]);
    const wanted = models.map(({ name }) => [name, name in REFUSED ? "refused" : "same"]);
    expect(found).toEqual(wanted);
  });
});

afterAll(() => {
  const path = join(root, ".cache/zoo/results.json");
  mkdirSync(dirname(path), { recursive: true });
  const rows = models.map(({ name, standsFor }) => ({ name, standsFor, ...results.get(name) }));
  writeFileSync(path, JSON.stringify(rows, null, 1));
});
