// acquire + release against a bare Map look-up with a counter; names in turn, so that neither is looked up once and for all.
import { zoo } from "./lib/core-zoo.mjs";
import { alternate, report } from "./lib/measure.mjs";

const CALLS = 4_000_000;
const ROUNDS = 9;
const { manager, names } = await zoo({ count: 16, versions: [1] });
const bare = new Map(names.map((name) => [name, { id: { name, version: 1 }, servable: {}, borrowers: 0 }]));
let sum = 0;

const seconds = (nanoseconds) => Number(nanoseconds) / 1e9;

function ours() {
  const start = process.hrtime.bigint();
  for (let call = 0; call < CALLS; call++) {
    const handle = manager.acquire(names[call & 15]);
    sum += handle.id.version;
    handle.release();
  }
  return CALLS / seconds(process.hrtime.bigint() - start);
}

function rival() {
  const start = process.hrtime.bigint();
  for (let call = 0; call < CALLS; call++) {
    const entry = bare.get(names[call & 15]);
    entry.borrowers++;
    sum += entry.id.version;
    entry.borrowers--;
  }
  return CALLS / seconds(process.hrtime.bigint() - start);
}

/** What a handle cannot do without: the object itself, with whom it was lent of and by. */
const bareHandle = (entry) => ({ id: entry.id, lease: entry });

/** Bytes that `make` leaves behind a call; few enough calls that nothing is collected in between. */
function bytesOf(make) {
  const COUNT = 20_000;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let call = 0; call < COUNT; call++) make(names[call & 15]);
  return (process.memoryUsage().heapUsed - before) / COUNT;
}

for (let round = 0; round < 3; round++) sum += ours() + rival();
const sides = await alternate({ rounds: ROUNDS, ours, rival });
const bench = "core-acquire";
const unit = "acquires/s";
const results = [
  report({
    bench,
    name: "against a look-up",
    rivalName: "a bare Map and a counter",
    unit,
    sense: ">=",
    target: 0.6,
    ...sides,
  }),
  report({
    bench,
    name: "in all",
    rivalName: "30 million/s",
    unit,
    sense: ">=",
    target: 1,
    ours: sides.ours,
    rival: 30e6,
  }),
];
const garbage = await alternate({
  rounds: ROUNDS,
  ours: () => bytesOf((name) => manager.acquire(name).release()),
  rival: () => bytesOf((name) => (sum += bareHandle(bare.get(name)).id.version)),
});
console.log(
  `# a call leaves ${garbage.ours.toFixed(0)} bytes, an object of two fields ${garbage.rival.toFixed(0)} (sum ${sum > 0})`,
);
await manager.close();
process.exit(results.every(Boolean) ? 0 : 1);
