// The first call after a version is available, with warm-up, against calls once it has long been in use, each alone.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { provideApplication } from "./lib/keras-application.mjs";
import { median, report } from "./lib/measure.mjs";
import "./lib/native-library.mjs";

const bench = "warm-first";
const ROUNDS = 7;
/** Runs of the warm-up call: V8 compiles what runs often anew, for speed. */
const ITERATIONS = 20;
const ENGINES = ["native", "portable"];
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Medians over processes of their own, each of which loads the model once. */
function measured(folder, engine, iterations) {
  const runs = Array.from({ length: ROUNDS }, () => {
    const program = [path("warm-first/first-call.mjs"), folder, engine, iterations];
    const run = spawnSync(process.execPath, program.map(String), { encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout);
  });
  return { first: median(runs.map(({ first }) => first)), steady: median(runs.map(({ steady }) => steady)) };
}

const folders = { mnist: path("../fixtures/mnist/1"), MobileNetV2: await provideApplication("MobileNetV2") };
const claim = { bench, rivalName: "calls later on", unit: "ms", sense: "<=", target: 1.5 };
const results = [];
for (const engine of ENGINES) {
  for (const [name, folder] of Object.entries(folders)) {
    const cold = measured(folder, engine, 0);
    console.error(`${name}, ${engine}, without warm-up: first call ${cold.first.toFixed(1)} ms`);
    const { first: ours, steady: rival } = measured(folder, engine, ITERATIONS);
    results.push(report({ ...claim, name: `${name}, ${engine}, first call`, ours, rival }));
  }
}
process.exit(results.every(Boolean) ? 0 : 1);
