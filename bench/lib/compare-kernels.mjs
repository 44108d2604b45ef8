// Ours, inline, against what is left without an engine (the kernels by hand), and against TensorFlow.js's own engine.
import { graphModel } from "./graph-model.mjs";
import { alternate, report } from "./measure.mjs";
import { inlineModel, pixels, speed } from "./portable.mjs";

const ROUNDS = 9;
const MILLISECONDS = 700;

/** Runs every case, prints its line, and ends this process: with 1 if a target is missed. */
export async function compareKernels({ bench, folder, name, shape, handmade }) {
  const model = await inlineModel(folder);
  const byHand = handmade();
  const converted = await graphModel(folder, name);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  let ok = true;
  const compare = async ({ batch, rival, ...claim }) => {
    const data = pixels(batch * size);
    const images = { dtype: "float32", shape: [batch, ...shape], data };
    const ours = () => speed(() => model.predict({ images }), MILLISECONDS);
    const theirs = () => speed(() => rival(data, images.shape), MILLISECONDS);
    await ours();
    await theirs();
    const sides = await alternate({ rounds: ROUNDS, ours, rival: theirs });
    ok = report({ bench, unit: "calls/s", sense: ">=", ...claim, ...sides }) && ok;
  };
  for (const batch of [1, 32]) {
    const rival = (data) => byHand(data, batch);
    const claim = { rivalName: "the same kernels, fused, called by hand", target: 0.95 };
    await compare({ ...claim, name: `by hand, batch ${batch}`, batch, rival });
  }
  if (converted !== undefined) {
    agree(await model.predict({ images: { dtype: "float32", shape: [1, ...shape], data: pixels(size) } }), () =>
      converted(pixels(size), [1, ...shape]),
    );
    const claim = { rivalName: "tfjs-converter's GraphModel", target: 2.5 };
    await compare({ ...claim, name: "tfjs-converter, batch 1", batch: 1, rival: converted });
  }
  process.exit(ok ? 0 : 1);
}

/** A rival that computes something else is none. */
function agree({ probabilities }, rival) {
  const theirs = rival();
  const error = Math.max(...Array.from(probabilities.data, (value, index) => Math.abs(value - theirs[index])));
  if (!(error < 1e-4)) throw new Error(`the answers differ by ${error}`);
}
