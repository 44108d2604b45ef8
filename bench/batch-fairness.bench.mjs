// An interactive model beside a bulk model that takes all it can get, both on one scheduler: what callers of the first wait.
import { batched, batchScheduler } from "@servable/batching";
import { closedLoop, openLoop, openMnist, percentile } from "./lib/batch-model.mjs";
import { median, report } from "./lib/measure.mjs";

const ROUNDS = 9;
const ARRIVALS = { perSecond: 200, milliseconds: 2_000 };

let ok = true;
for (const engine of ["native", "portable"]) {
  const [live, bulk] = [await openMnist(engine), await openMnist(engine)];
  if (live === undefined || bulk === undefined) continue;
  const scheduler = batchScheduler({ maxRunsInFlight: 1 });
  const interactive = batched(live.servable, { scheduler });
  const saturating = batched(bulk.servable, { scheduler, priority: "bulk" });
  const runs = [];
  saturating.batches$.subscribe(({ tookMs }) => runs.push(tookMs));
  const saturate = (milliseconds) => closedLoop(saturating, { inFlight: 128, milliseconds });
  const p99 = async () => percentile(await openLoop(interactive, ARRIVALS), 0.99);
  await Promise.all([p99(), saturate(ARRIVALS.milliseconds)]);
  const [alone, beside] = [[], []];
  runs.length = 0;
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await p99());
    const [found] = await Promise.all([p99(), saturate(ARRIVALS.milliseconds)]);
    beside.push(found);
  }
  ok =
    report({
      bench: "batch-fairness",
      name: `mnist, ${engine}, p99 of 200 calls/s beside a saturating bulk model`,
      rivalName: "twice its p99 alone, and one bulk batch",
      unit: "ms",
      sense: "<=",
      target: 1,
      ours: median(beside),
      rival: 2 * median(alone) + median(runs),
    }) && ok;
  for (const each of [interactive, saturating, live, bulk]) await each[Symbol.asyncDispose]();
}
process.exit(ok ? 0 : 1);
