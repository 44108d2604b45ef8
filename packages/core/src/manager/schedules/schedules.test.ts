import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resourcePreserving } from "../../policy/resource-preserving.js";
import type { ManagerOptions } from "../options.js";
import { schedules } from "./commands.js";
import { runSchedule } from "./run-schedule.js";

/** In all, over the configurations below. */
const RUNS = process.env.SERVABLE_NIGHTLY === "1" ? 100_000 : 2_000;

const retry = { attempts: 2, delayMs: 1_000 };

interface Configuration {
  readonly title: string;
  readonly options: ManagerOptions;
  readonly withParts: boolean;
}

const configurations: readonly Configuration[] = [
  { title: "as by default", options: { retry }, withParts: false },
  { title: "one slot each", options: { retry, loadConcurrency: 1, unloadConcurrency: 1 }, withParts: false },
  { title: "preserving resources", options: { retry, policy: resourcePreserving() }, withParts: false },
  { title: "within limits", options: { retry, limits: { memoryBytes: 5 } }, withParts: false },
  { title: "on demand", options: { retry, onDemand: { maxLoaded: 2, idleMs: 10_000 } }, withParts: false },
  { title: "on demand within limits", options: { retry, onDemand: {}, limits: { memoryBytes: 5 } }, withParts: false },
  { title: "with versions that call others", options: { retry, loadConcurrency: 1 }, withParts: true },
  { title: "calling others, preserving resources", options: { retry, policy: resourcePreserving() }, withParts: true },
  { title: "calling others on demand", options: { retry, onDemand: { idleMs: 10_000 } }, withParts: true },
  { title: "calling others in little room", options: { retry, onDemand: { maxLoaded: 2 } }, withParts: true },
];

/** In chunks, since fast-check keeps account of all runs of one call. */
const CHUNK = 1_000;

describe("a manager under any schedule", () => {
  it.each(configurations)(
    "$title",
    async ({ title, options, withParts }) => {
      const property = fc.asyncProperty(schedules(withParts), async (commands) => {
        expect(await runSchedule(commands, options)).toEqual([]);
      });
      const runs = Math.ceil(RUNS / configurations.length);
      const firstSeed = Math.trunc(Math.random() * 2 ** 31);
      console.info(`${title}: ${runs} schedules, seeds from ${firstSeed}`);
      for (let done = 0, seed = firstSeed; done < runs; done += CHUNK, seed++) {
        await fc.assert(property, { seed, numRuns: Math.min(CHUNK, runs - done) });
      }
    },
    3_600_000,
  );
});
