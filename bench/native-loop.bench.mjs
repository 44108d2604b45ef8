// How late timers of the event loop are with eight ResNet50 calls in flight; tfjs-node's is printed beside it.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { provideTfjsNode } from "../scripts/tfjs-node.mjs";
import { root } from "../scripts/workspace.mjs";
import { provideZoo } from "../scripts/zoo.mjs";
import { median, report } from "./lib/measure.mjs";
import { library, openModel, speedWith } from "./lib/native.mjs";
import { pixels } from "./lib/portable.mjs";

const ROUNDS = 5;
const MILLISECONDS = 3_000;
const folder = join(root, ".cache", "zoo", "resnet-50", "1");
if (library === undefined) process.exit(0);
if (!existsSync(folder)) await provideZoo();

const ours = await openModel(folder);
const [[input, { shape }]] = Object.entries(ours.servable.signatures.serving_default.inputs);
const size = [1, ...shape.slice(1).map((each) => (each < 0 ? 224 : each))];
const images = { dtype: "float32", shape: size, data: pixels(size.reduce((product, each) => product * each, 1)) };
const call = () => ours.servable.predict({ [input]: images });

/** The 99th percentile of the loop's delay while something runs, in milliseconds. */
async function delay(busy) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await busy();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}

const idle = () => new Promise((resolve) => setTimeout(resolve, MILLISECONDS));
await call();
const delays = { idle: [], busy: [] };
for (let round = 0; round < ROUNDS; round++) {
  delays.idle.push(await delay(idle));
  delays.busy.push(await delay(() => speedWith(call, 8, MILLISECONDS)));
}
const ok = report({
  bench: "native-loop",
  name: "ResNet50, eight in flight, p99 above idle",
  rivalName: "5 ms",
  unit: "ms",
  sense: "<=",
  target: 1,
  ours: Math.max(0, median(delays.busy) - median(delays.idle)),
  rival: 5,
});

const packages = await provideTfjsNode();
if (packages !== undefined) {
  const tf = createRequire(join(packages, "package.json"))("@tensorflow/tfjs-node");
  const model = await tf.node.loadSavedModel(folder);
  const x = tf.tensor(images.data, size, "float32");
  const predict = async () => {
    tf.dispose(model.predict({ [input]: x }));
    await new Promise((resolve) => setImmediate(resolve));
  };
  await predict();
  const theirs = await delay(() => speedWith(predict, 1, MILLISECONDS));
  const value = Number(Math.max(0, theirs - median(delays.idle)).toPrecision(4));
  console.log(JSON.stringify({ bench: "native-loop", case: "tfjs-node, one after another", value, unit: "ms" }));
}
process.exit(ok ? 0 : 1);
