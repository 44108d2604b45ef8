// Ours, inline, against a rival that computes the same.
import { alternate, report } from "./measure.mjs";
import { pixels, speed } from "./portable.mjs";

const ROUNDS = 31;
const MILLISECONDS = 200;

/**
 * Measures `model.predict` against `rival.speed` and prints the line; gives whether the target is met. A rival that can
 * `run` must give the same answers.
 */
export async function compare({ model, rival, batch, shape, ...claim }) {
  const data = pixels(batch * shape.reduce((product, dimension) => product * dimension, 1));
  const images = { dtype: "float32", shape: [batch, ...shape], data };
  const ours = () => speed(() => model.predict({ images }), MILLISECONDS);
  const theirs = () => rival.speed(data, images.shape, MILLISECONDS);
  if (rival.run !== undefined) agree(await model.predict({ images }), await rival.run(data, images.shape));
  // Both warm.
  for (let round = 0; round < 3; round++) await ours().then(theirs);
  return report({
    unit: "calls/s",
    sense: ">=",
    ...claim,
    ...(await alternate({ rounds: ROUNDS, ours, rival: theirs })),
  });
}

/** A rival that computes something else is none. */
function agree({ probabilities }, theirs) {
  const error = Math.max(...Array.from(probabilities.data, (value, index) => Math.abs(value - theirs[index])));
  if (!(error < 1e-4)) throw new Error(`the answers differ by ${error}`);
}
