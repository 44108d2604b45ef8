// The resident set after 100 rounds of load, predict and unload, against that after ten.
import { join } from "node:path";
import { report } from "./lib/measure.mjs";
import { library, openModel } from "./lib/native.mjs";
import { fixtures, pixels } from "./lib/portable.mjs";

if (library === undefined) process.exit(0);
const images = { dtype: "float32", shape: [1, 28, 28], data: pixels(784) };
let early = 0;
for (let round = 1; round <= 100; round++) {
  const loaded = await openModel(join(fixtures, "mnist", "1"));
  await loaded.servable.predict({ images });
  await loaded[Symbol.asyncDispose]();
  if (round === 10) early = process.memoryUsage.rss();
}
const ok = report({
  bench: "native-leak",
  name: "mnist, resident set after 100 rounds",
  rivalName: "after 10 rounds",
  unit: "MiB",
  sense: "<=",
  target: 1.1,
  ours: process.memoryUsage.rss() / 2 ** 20,
  rival: early / 2 ** 20,
});
process.exit(ok ? 0 : 1);
