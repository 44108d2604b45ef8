import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { configFileModels, readModelConfig } from "./config-file.js";

const PATIENCE = { timeout: 10_000, interval: 5 };

const listing = (...names: readonly string[]): string =>
  names.map((name) => `model_config_list { config { name: "${name}" base_path: "/${name}" } }`).join("\n");

/** In one step, so that no look meets half of it. */
async function put(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function following(pollMs: number) {
  const folder = await mkdtemp(join(tmpdir(), "config-file-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "models.config");
  await writeFile(file, listing("a"));
  const heard: string[] = [];
  const warnings: string[] = [];
  const models$ = configFileModels({
    file,
    models: await readModelConfig(file),
    pollMs,
    onWarning: (text) => void warnings.push(text),
  });
  const subscription = models$.subscribe((models) => heard.push(models.map(({ name }) => name).join(" ")));
  onTestFinished(() => subscription.unsubscribe());
  return { file, heard, warnings, subscription };
}

it("keeps the last list while the file is broken, tells it once, and follows it when it is right again", async () => {
  const { file, heard, warnings } = await following(1);
  await put(file, "model_config_list {");
  await vi.waitFor(() => expect(warnings).toHaveLength(1), PATIENCE);
  expect(warnings[0]).toContain("what was configured before stays");
  await rm(file);
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(1), PATIENCE);
  await put(file, listing("a", "b"));
  await vi.waitFor(() => expect(heard).toContain("a b"), PATIENCE);
  expect(new Set(heard)).toEqual(new Set(["a", "a b"]));
  expect(new Set(warnings).size).toBe(warnings.length);
});

it("reads the file once when it is not polled, and not again after the end", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const once = await following(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(once.heard).toEqual(["a"]);
  const polled = await following(1_000);
  expect(vi.getTimerCount()).toBe(1);
  polled.subscription.unsubscribe();
  expect(vi.getTimerCount()).toBe(0);
});
