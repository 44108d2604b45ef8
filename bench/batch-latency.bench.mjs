// What batching costs callers that do not need it: one call at a time, and random arrivals at half of what the engine can do.
import { batched } from "@servable/batching";
import { closedLoop, openLoop, openMnist, percentile } from "./lib/batch-model.mjs";
import { alternate, report } from "./lib/measure.mjs";

const bench = "batch-latency";
const ROUNDS = 101;

let ok = true;
for (const engine of ["native", "portable"]) {
  const loaded = await openMnist(engine);
  if (loaded === undefined) continue;
  const { servable } = loaded;
  const front = batched(servable);
  const alone = (predictor) => () => closedLoop(predictor, { inFlight: 1, milliseconds: 100 });
  // Both warm: a difference of a few microseconds is to be seen.
  for (let round = 0; round < 20; round++) await alone(front)().then(alone(servable));
  const speeds = await alternate({ rounds: ROUNDS, ours: alone(front), rival: alone(servable) });
  const rivalName = "the same engine, unbatched";
  const one = { bench, name: `mnist, ${engine}, one call at a time`, rivalName, unit: "calls/s" };
  ok = report({ ...one, sense: ">=", target: 0.97, ...speeds }) && ok;

  const capacity = await closedLoop(servable, { inFlight: 64, milliseconds: 2_000 });
  const arrivals = (predictor) => async () =>
    percentile(await openLoop(predictor, { perSecond: capacity / 2, milliseconds: 2_000 }), 0.99);
  const tails = await alternate({ rounds: 9, ours: arrivals(front), rival: arrivals(servable) });
  const random = { bench, name: `mnist, ${engine}, p99 of random arrivals at half of capacity`, rivalName, unit: "ms" };
  ok = report({ ...random, sense: "<=", target: 1, ...tails }) && ok;
  await front[Symbol.asyncDispose]();
  await loaded[Symbol.asyncDispose]();
}
process.exit(ok ? 0 : 1);
