import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { engines } from "./engines.js";

const script = join(import.meta.dirname, "exits/hold-model.mjs");
const folder = join(root, "fixtures/control/1");

/** The ways to end, with the status or signal that Node gives each. */
const ENDINGS: readonly (readonly [string, number | string])[] = [
  ["normal", 0],
  ["exit", 3],
  ["uncaught", 1],
  ["signal", "SIGTERM"],
  ["worker", 0],
];

interface End {
  readonly status: number | NodeJS.Signals | null;
  readonly output: string;
}

function endOf(ending: string, options: unknown): Promise<End> {
  const argument = JSON.stringify({ ending, options, folder });
  const child = spawn(process.execPath, [script, argument], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("ready")) child.kill("SIGTERM");
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ status: signal ?? code, output }));
  });
}

describe.each(engines.filter(({ title }) => title !== "tfjs-node on this thread"))(
  "a process with a model of $title, and calls in flight",
  ({ options, missing }) => {
    if (missing) return it.skip("is not there", () => {});
    it.each(ENDINGS)("ends as Node ends it: %s", async (ending, status) => {
      const end = await endOf(ending, options);
      expect(end.status, end.output).toBe(status);
      if (ending === "normal" || ending === "worker") expect(end.output).toContain("ended");
      if (ending === "uncaught") expect(end.output).toContain("nobody catches this");
    });
  },
);
