// Prints the resident set before and after rounds of load, call and unload, in bytes: rounds.mjs FOLDER [KEPT]; KEPT is
// a model that stays loaded meanwhile.
import { savedModel } from "@servable/loader-tf";
import { load, oneImage } from "../lib/keras-application.mjs";
import { median } from "../lib/measure.mjs";

// What malloc keeps for each thread comes to its height over some rounds.
const WARM_UP = 20;
const ROUNDS = 50;
const [folder, kept] = process.argv.slice(2);
const loader = savedModel();
const stays = kept === undefined ? undefined : await load(kept, loader);

/** The middle of what it is after each of the last rounds: how much of it is garbage changes from round to round. */
async function rounds(count) {
  const sizes = [];
  for (let round = 0; round < count; round++) {
    const loaded = await load(folder, loader);
    await loaded.servable.predict(oneImage(loaded));
    await loaded[Symbol.asyncDispose]();
    globalThis.gc();
    sizes.push(process.memoryUsage.rss());
  }
  return median(sizes.slice(-15));
}

const before = await rounds(WARM_UP);
const after = await rounds(ROUNDS);
console.log(JSON.stringify({ before, after }));
await stays?.[Symbol.asyncDispose]();
