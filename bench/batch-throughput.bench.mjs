// fixtures/mnist, one image a call, 64 calls in flight: behind adaptive batching against the same servable without.
import { batched } from "@servable/batching";
import { closedLoop, openMnist } from "./lib/batch-model.mjs";
import { alternate, report } from "./lib/measure.mjs";

const ROUNDS = 11;
const load = { inFlight: 64, milliseconds: 1_000 };
const TARGETS = { native: 4, portable: 1.2 };

let ok = true;
for (const [engine, target] of Object.entries(TARGETS)) {
  const loaded = await openMnist(engine);
  if (loaded === undefined) continue;
  const front = batched(loaded.servable);
  const ours = () => closedLoop(front, load);
  const rival = () => closedLoop(loaded.servable, load);
  await ours().then(rival);
  const sides = await alternate({ rounds: ROUNDS, ours, rival });
  const name = `mnist, ${engine}, one image a call, 64 in flight`;
  const claim = { bench: "batch-throughput", name, rivalName: "the same engine, unbatched", unit: "calls/s" };
  ok = report({ ...claim, sense: ">=", target, ...sides }) && ok;
  await front[Symbol.asyncDispose]();
  await loaded[Symbol.asyncDispose]();
}
process.exit(ok ? 0 : 1);
