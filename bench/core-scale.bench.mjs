// One changed list among 10,000 models of two versions against one among 10; memory of an idle model.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { zoo } from "./lib/core-zoo.mjs";
import { alternate, median, report } from "./lib/measure.mjs";

const bench = "core-scale";
if (process.argv[2] === "memory") {
  const COUNT = 10_000;
  // The first zoo makes the code and the shapes that all others share.
  await (await zoo({ count: 100, versions: [1, 2] })).manager.close();
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const { manager } = await zoo({ count: COUNT, versions: [1, 2] });
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc();
  console.log((process.memoryUsage().heapUsed - before) / COUNT);
  process.exit(manager.snapshot().ready ? 0 : 1);
}

const CHANGES = 300;
const microseconds = (nanoseconds) => Number(nanoseconds) / 1e3;
const big = await zoo({ count: 10_000, versions: [1, 2] });
const small = await zoo({ count: 10, versions: [1, 2] });
let version = 2;

/** Microseconds for a changed list of one model: its third version is loaded, its first unloaded. */
async function change({ manager, list }) {
  const start = process.hrtime.bigint();
  for (let done = 0; done < CHANGES; done++) {
    version++;
    list("model-5", [version - 1, version]);
    await manager.whenAvailable("model-5", { version });
  }
  return microseconds(process.hrtime.bigint() - start) / CHANGES;
}

for (let round = 0; round < 10; round++) for (const world of [big, small]) await change(world);
const sides = await alternate({ rounds: 15, ours: () => change(big), rival: () => change(small) });
const memory = Array.from({ length: 3 }, () => {
  const run = spawnSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), "memory"], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
});
const results = [
  report({
    bench,
    name: "one changed list of 10,000 models",
    rivalName: "of 10 models",
    unit: "µs",
    sense: "<=",
    target: 1.5,
    ...sides,
  }),
  report({
    bench,
    name: "an idle model of two loaded versions",
    rivalName: "2 KB",
    unit: "bytes",
    sense: "<=",
    target: 1,
    ours: median(memory),
    rival: 2_048,
  }),
];
process.exit(results.every(Boolean) ? 0 : 1);
