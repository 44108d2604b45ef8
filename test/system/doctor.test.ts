import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { command } from "./command.js";
import { library } from "./engines.js";

const folder = mkdtempSync(join(tmpdir(), "servable-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly status: unknown;
  readonly report: unknown;
}

async function doctor(...words: readonly string[]): Promise<Answer> {
  await using run = command("doctor", "--json", ...words);
  const status = await run.ended;
  return { status, report: JSON.parse(run.output) };
}

describe.skipIf(library === undefined)("servable doctor", () => {
  it("loads the library, tells its version and devices, and tries a model on the engines", async () => {
    const { status, report } = await doctor(`--library=${library}`, join(root, "fixtures/half_plus_two"));
    expect(status).toBe(0);
    expect(report).toMatchObject({
      auto: { engine: "native", because: expect.stringMatching(/^TensorFlow 2\./) },
      model: {
        engines: expect.arrayContaining([
          expect.objectContaining({ engine: "native", state: "fine" }),
          expect.objectContaining({
            engine: "portable",
            state: "fine",
            signatures: expect.arrayContaining([expect.stringMatching(/^serving_default\(x: float32/)]),
          }),
        ]),
      },
    });
    const [named] = (report as { places: readonly unknown[] }).places;
    const devices = [expect.objectContaining({ type: "CPU" })];
    expect(named).toMatchObject({ origin: "native.library", version: expect.stringMatching(/^2\./), devices });
  });
});

describe.skipIf(process.platform !== "linux" || library === undefined)("servable doctor with a broken library", () => {
  it("outlives one that ends the process, and says so", async () => {
    const path = join(folder, "crash.so");
    const source = "__attribute__((constructor)) static void crash(void) { *(volatile int *)0 = 1; }";
    execFileSync("cc", ["-shared", "-fPIC", "-o", path, "-x", "c", "-"], { input: source });
    const { status, report } = await doctor(`--library=${path}`);
    expect(status).toBe(0);
    expect(report).toMatchObject({
      auto: { because: expect.stringMatching(/would end the process.*SIGSEGV/) },
      engines: expect.arrayContaining([expect.objectContaining({ engine: "native", state: "crashed" })]),
    });
  });
});
