import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { run } from "./run.js";

// Provided by `npm test`, which says so where it cannot.
const python = process.env["SERVABLE_PYTHON"] ?? "";

it.skipIf(python === "")("TensorFlow itself still gives the outputs that all engines are held to", async () => {
  const { status, output } = await run(python, [join(root, "fixtures/check_golden.py")], root);
  expect(status, output).toBe(0);
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  expect(lines.map((line) => (JSON.parse(line) as { model: string }).model)).toContain("mnist_estimator");
});
