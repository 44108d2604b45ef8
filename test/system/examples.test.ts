import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, textOf } from "../repository/sources.js";
import { run } from "./run.js";

// What is a page has no output to compare, and a test of its own.
const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter(({ name }) =>
  existsSync(join(root, "examples", name, "index.mjs")),
);

it.each(examples.map(({ name }) => name))("the example %s prints what its README shows", async (name) => {
  const [, shown = "nothing"] = /^```text\n(.*?)^```/ms.exec(textOf(`examples/${name}/README.md`)) ?? [];
  const { status, output } = await run(process.execPath, ["index.mjs"], join(root, "examples", name));
  expect(output).toBe(shown);
  expect(status).toBe(0);
});

const tested = examples.filter(({ name }) => existsSync(join(root, "examples", name, "contract.test.mjs")));

it.each(tested.map(({ name }) => name))(
  "the example %s keeps the contracts, by Node's own test runner",
  async (name) => {
    const { status, output } = await run(process.execPath, ["--test"], join(root, "examples", name));
    expect(status, output).toBe(0);
    expect(output).toMatch(/^. pass [1-9]/m);
  },
);

it("the demo swaps versions under load and loses nothing", async () => {
  const { status, output } = await run(process.execPath, ["scripts/demo.mjs", "--once"], root);
  expect(output).toMatch(/requests failed +0\n/);
  expect(status, output).toBe(0);
});
