// From a folder to the first answer, against TensorFlow's own Python; and whether unloading gives the memory back.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { provideApplication, requireTensorFlow } from "./lib/keras-application.mjs";
import { alternate, report } from "./lib/measure.mjs";

const bench = "portable-load";
const ROUNDS = 5;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = await requireTensorFlow();

/** What a program prints, in a process of its own: nothing is there from the round before. */
function printed(command, args) {
  const run = spawnSync(command, args, { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

const results = [];
const folders = {
  MobileNetV2: await provideApplication("MobileNetV2"),
  ResNet50: await provideApplication("ResNet50"),
};
for (const [name, folder] of Object.entries(folders)) {
  const sides = await alternate({
    rounds: ROUNDS,
    ours: async () => printed(process.execPath, [path("portable-load/ours.mjs"), folder]),
    rival: async () => printed(python, [path("portable-load/first_answer.py"), folder]),
  });
  const claim = { bench, rivalName: "TensorFlow in Python, imported", unit: "ms", sense: "<=", target: 2 };
  results.push(report({ ...claim, name: `${name} to its first answer`, ...sides }));
}
const kept = path("../fixtures/mnist/1");
for (const [where, others] of Object.entries({ alone: [], "beside another model": [kept] })) {
  const program = ["--expose-gc", path("portable-load/rounds.mjs"), folders.MobileNetV2, ...others];
  const { before, after } = printed(process.execPath, program);
  const sides = { ours: after / 2 ** 20, rival: before / 2 ** 20 };
  const claim = { bench, rivalName: "before", unit: "MiB", sense: "<=", target: 1.1 };
  results.push(report({ ...claim, name: `resident set after 50 rounds of load and unload, ${where}`, ...sides }));
}
process.exit(results.every(Boolean) ? 0 : 1);
