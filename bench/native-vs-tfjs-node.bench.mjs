// The native engine against tfjs-node's predict, both on the library of .cache/tf; tfjs-node has one call at a time.
import { join } from "node:path";
import { provideTfjsNode } from "../scripts/tfjs-node.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { provideMobileNetV2 } from "./lib/mobilenetv2.mjs";
import { library, openModel, speedWith } from "./lib/native.mjs";
import { fixtures, pixels } from "./lib/portable.mjs";
import { startRival } from "./lib/rival.mjs";

const packages = await provideTfjsNode();
const mobileNet = await provideMobileNetV2();
if (packages === undefined || library === undefined || mobileNet === undefined) process.exit(0);

const MNIST = { title: "mnist", folder: join(fixtures, "mnist", "1"), shape: [28, 28], milliseconds: 300, rounds: 15 };
const MOBILE = {
  title: "MobileNetV2",
  folder: join(mobileNet, "1"),
  shape: [224, 224, 3],
  milliseconds: 1_000,
  rounds: 9,
};
const CASES = [
  { model: MNIST, batch: 1, inFlight: 1, target: 1.15 },
  { model: MNIST, batch: 1, inFlight: 8, target: 2.8 },
  { model: MNIST, batch: 32, inFlight: 8, target: 1.5 },
  { model: MOBILE, batch: 1, inFlight: 8, target: 1.5 },
];

const results = [];
for (const { model, batch, inFlight, target } of CASES) {
  const { title, folder, milliseconds, rounds } = model;
  const ours = await openModel(folder);
  const rival = await startRival("tfjs-node.mjs", { model: folder, packages });
  const shape = [batch, ...model.shape];
  const data = pixels(shape.reduce((product, size) => product * size, 1));
  const call = () => ours.servable.predict({ images: { dtype: "float32", shape, data } });
  const [{ probabilities }, theirs] = [await call(), await rival.run(data, shape)];
  const error = Math.max(...Array.from(probabilities.data, (value, index) => Math.abs(value - theirs[index])));
  if (!(error < 1e-4)) throw new Error(`the answers differ by ${error}`);
  const sides = await alternate({
    rounds,
    ours: () => speedWith(call, inFlight, milliseconds),
    rival: () => rival.speed(data, shape, milliseconds),
  });
  results.push(
    report({
      bench: "native-vs-tfjs-node",
      name: `${title}, batch ${batch}, ${inFlight} in flight`,
      rivalName: "tfjs-node's predict on the same library",
      unit: "calls/s",
      sense: ">=",
      target,
      ...sides,
    }),
  );
  await ours[Symbol.asyncDispose]();
}
process.exit(results.every(Boolean) ? 0 : 1);
