// No-op predicts through `use`, each awaited before the next, on one core.
import { zoo } from "./lib/core-zoo.mjs";
import { alternate, report } from "./lib/measure.mjs";

const CALLS = 1_000_000;
const seconds = (nanoseconds) => Number(nanoseconds) / 1e9;
const inputs = {};
const answer = {};
const predictor = { signatures: {}, predict: async () => answer };
const { manager } = await zoo({ count: 1, versions: [1], servable: predictor });

async function perSecond(call) {
  const start = process.hrtime.bigint();
  for (let done = 0; done < CALLS; done++) await call();
  return CALLS / seconds(process.hrtime.bigint() - start);
}
const ours = () => perSecond(() => manager.use("model-0", (model) => model.predict(inputs)));
const direct = () => perSecond(() => predictor.predict(inputs));

await ours();
await direct();
const sides = await alternate({ rounds: 7, ours, rival: direct });
const bench = "core-noop";
const unit = "calls/s";
const results = [
  report({
    bench,
    name: "in all",
    rivalName: "4 million/s",
    unit,
    sense: ">=",
    target: 1,
    ours: sides.ours,
    rival: 4e6,
  }),
  report({
    bench,
    name: "against TensorFlow Serving",
    rivalName: "its published 100,000/s a core without RPC and inference",
    unit,
    sense: ">=",
    target: 40,
    ours: sides.ours,
    rival: 1e5,
  }),
];
console.log(`# the predictor called directly: ${(sides.rival / 1e6).toFixed(1)} million/s`);
await manager.close();
process.exit(results.every(Boolean) ? 0 : 1);
