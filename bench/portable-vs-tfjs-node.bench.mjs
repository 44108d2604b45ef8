// The portable engine inline on the MNIST network, one image a call, against tfjs-node on the current TensorFlow.
import { join } from "node:path";
import { provideTfjsNode } from "../scripts/tfjs-node.mjs";
import { compare } from "./lib/compare.mjs";
import { fixtures, inlineModel } from "./lib/portable.mjs";
import { startRival } from "./lib/rival.mjs";

const packages = await provideTfjsNode();
if (packages === undefined) process.exit(0);
const folder = join(fixtures, "mnist", "1");
const ok = await compare({
  bench: "portable-vs-tfjs-node",
  name: "mnist, batch 1",
  rivalName: "tfjs-node's predict on TensorFlow 2.21",
  target: 1.4,
  model: await inlineModel(folder),
  rival: await startRival("tfjs-node.mjs", { model: folder, packages }),
  batch: 1,
  shape: [28, 28],
});
process.exit(ok ? 0 : 1);
