import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Subject } from "rxjs";
import { expect, it } from "vitest";
import type { Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import { createManager } from "./create-manager.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Less than a life takes that is not let go, and more than the compiler keeps of what runs hot. */
const BYTES_A_ROUND = 500;

it("1,000 rounds of loading and unloading leave no memory, listener or subscriber behind, on the runtime's own clock", async () => {
  const source = new Subject<AspiredVersions<Loader<object>, "m">>();
  const manager = createManager({ app: source });
  const signals: AbortSignal[] = [];
  let [loads, releases] = [0, 0];
  const loader: Loader<object> = {
    estimateResources: async () => ({ memoryBytes: 1 }),
    async load({ signal, report }) {
      loads++;
      if (loads % 250 === 0) signals.push(signal);
      report({ stage: "load" });
      await new Promise((resolve) => setTimeout(resolve));
      return {
        servable: {},
        async [Symbol.asyncDispose]() {
          releases++;
        },
      };
    },
  };
  const used: number[] = [];
  for (let round = 1; round <= 1_000; round++) {
    source.next({ name: "m", versions: [{ version: round, data: loader }] });
    const waiting = new AbortController();
    await manager.whenAvailable("m", { version: round, signal: waiting.signal });
    expect(getEventListeners(waiting.signal, "abort")).toEqual([]);
    await manager.use("m", () => undefined);
    if (round % 400 === 200 || round === 1_000) {
      collect();
      used.push(process.memoryUsage().heapUsed);
    }
  }
  const [first = 0, , last = 0] = used;
  expect(last - first).toBeLessThan(800 * BYTES_A_ROUND);
  for (const signal of signals) expect(getEventListeners(signal, "abort")).toEqual([]);
  await manager.close();
  expect([loads, releases, source.observed]).toEqual([1_000, 1_000, false]);
});
