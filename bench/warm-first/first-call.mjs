// Prints the milliseconds of the first call after a version is available, and of calls once it has long been in use:
// first-call.mjs FOLDER ENGINE ITERATIONS; 0 iterations are no warm-up.
import { setTimeout } from "node:timers/promises";
import { createManager } from "@servable/core";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { of } from "rxjs";
import { median } from "../lib/measure.mjs";

const PAUSE_MS = 20;
const SETTLING = 100;
const STEADY = 31;
const [folder, engine, iterations] = process.argv.slice(2);

const warmUp = Number(iterations) > 0 && { batchSizes: [1], numRequestIterations: Number(iterations) };
const data = savedModel({ engine, warmUp })(folderFiles(folder));
const manager = createManager({ folder: of({ name: "m", versions: [{ version: 1, data }] }) });
await manager.whenAvailable("m");

const handle = manager.acquire("m");
const { servable } = handle;
const [[name, { dtype, shape }]] = Object.entries(servable.signatures.serving_default.inputs);
const sizes = shape.map((size) => (size < 0 ? 1 : size));
const values = Float32Array.from({ length: sizes.reduce((product, size) => product * size) }, (_, at) => Math.sin(at));
const image = { [name]: { dtype, shape: sizes, data: values } };

/** A call alone, as the first one is: threads that have just run answer sooner than those that sleep. */
async function alone() {
  await setTimeout(PAUSE_MS);
  const start = performance.now();
  await servable.predict(image);
  return performance.now() - start;
}

const first = await alone();
for (let left = SETTLING; left > 0; left--) await servable.predict(image);
const times = [];
for (let left = STEADY; left > 0; left--) times.push(await alone());
console.log(JSON.stringify({ first, steady: median(times) }));
process.exit();
