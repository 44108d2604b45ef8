// MobileNetV2 at 224: two worker threads against one, and what the calls cost the thread that makes them.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { savedModel } from "@servable/loader-tf";
import { load, oneImage, provideApplication } from "./lib/keras-application.mjs";
import { alternate, median, report } from "./lib/measure.mjs";

const bench = "portable-scale";
const IN_FLIGHT = 8;
const SECONDS = 4;
const ROUNDS = 5;

const folder = await provideApplication("MobileNetV2");
const one = await load(folder, savedModel({ threads: 1 }));
const two = await load(folder, savedModel({ threads: 2 }));
const inputs = oneImage(one);

/** Calls a second with so many in flight, once all of them have been answered. */
async function speed({ servable }, milliseconds = 1_000 * SECONDS) {
  const start = performance.now();
  let calls = 0;
  const caller = async () => {
    while (performance.now() - start < milliseconds) {
      await servable.predict(inputs);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return (1_000 * calls) / (performance.now() - start);
}

/** The 99th percentile of the event loop's delay in milliseconds while `work` goes on. */
async function delay(work) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}
const idle = () => new Promise((resolve) => setTimeout(resolve, 1_000 * SECONDS));

const SPIN = `
const { parentPort, workerData } = require("node:worker_threads");
const end = performance.now() + workerData;
let rounds = 0;
for (let sum = 0; performance.now() < end; rounds++) for (let at = 0; at < 10_000; at++) sum += at;
parentPort.postMessage(rounds);
`;

/** What so many threads that do nothing but count get done: what the machine has to give just now. */
async function spin(threads) {
  const rounds = Array.from({ length: threads }, () => {
    const worker = new Worker(SPIN, { eval: true, workerData: 1_000 * SECONDS });
    return new Promise((resolve) => worker.once("message", resolve));
  });
  return (await Promise.all(rounds)).reduce((sum, each) => sum + each);
}

for (const model of [one, two]) await speed(model, 1_000);
const sides = await alternate({ rounds: ROUNDS, ours: () => speed(two), rival: () => speed(one) });
const cores = await alternate({ rounds: ROUNDS, ours: () => spin(2), rival: () => spin(1) });
const delays = { idle: [], busy: [] };
for (let round = 0; round < ROUNDS; round++) {
  delays.idle.push(await delay(idle));
  delays.busy.push(await delay(() => speed(one)));
}
const added = Math.max(0, median(delays.busy) - median(delays.idle));
const results = [
  report({
    bench,
    name: "MobileNetV2, two workers, eight calls in flight",
    rivalName: "one worker",
    unit: "calls/s",
    sense: ">=",
    target: 1.8,
    ...sides,
  }),
  report({
    bench,
    name: "two workers over one, of what the machine gives",
    rivalName: "two counting threads over one",
    unit: "times",
    sense: ">=",
    target: 0.9,
    ours: sides.ours / sides.rival,
    rival: cores.ours / cores.rival,
  }),
  report({
    bench,
    name: "event loop delay while predicting, p99 above idle",
    rivalName: "5 ms",
    unit: "ms",
    sense: "<=",
    target: 1,
    ours: added,
    rival: 5,
  }),
];
for (const model of [one, two]) await model[Symbol.asyncDispose]();
process.exit(results.every(Boolean) ? 0 : 1);
