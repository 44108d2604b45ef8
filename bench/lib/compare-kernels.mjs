// Ours against what is left without an engine (the kernels by hand), and against TensorFlow.js's own engine.
import { compare } from "./compare.mjs";
import { provideGraphModel } from "./graph-model.mjs";
import { inlineModel, speed } from "./portable.mjs";
import { startRival } from "./rival.mjs";

/** Runs every case, prints its line, and ends this process: with 1 if a target is missed. */
export async function compareKernels({ bench, folder, name, shape, handmade }) {
  const model = await inlineModel(folder);
  const call = handmade();
  const byHand = { speed: (images, [batch], milliseconds) => speed(() => call(images, batch), milliseconds) };
  let ok = true;
  for (const batch of [1, 32]) {
    const claim = { rivalName: "the same kernels, fused, called by hand", target: 0.95 };
    ok =
      (await compare({ bench, name: `by hand, batch ${batch}`, ...claim, model, rival: byHand, batch, shape })) && ok;
  }
  const graph = await provideGraphModel(folder, name);
  if (graph !== undefined) {
    const rival = await startRival("graph-model.mjs", graph);
    const claim = { rivalName: "tfjs-converter's GraphModel", target: 2.5 };
    ok = (await compare({ bench, name: "tfjs-converter, batch 1", ...claim, model, rival, batch: 1, shape })) && ok;
  }
  process.exit(ok ? 0 : 1);
}
