// Prints the resident set before and after rounds of load, call and unload, in bytes: rounds.mjs FOLDER [KEPT]; KEPT is
// a model that stays loaded meanwhile.
import { setTimeout as wait } from "node:timers/promises";
import { savedModel } from "@servable/loader-tf";
import { load, oneImage } from "../lib/keras-application.mjs";

// What malloc keeps for each thread comes to its height over some rounds.
const WARM_UP = 20;
const ROUNDS = 50;
const [folder, kept] = process.argv.slice(2);
const loader = savedModel();
const stays = kept === undefined ? undefined : await load(kept, loader);

async function rounds(count) {
  for (let round = 0; round < count; round++) {
    const loaded = await load(folder, loader);
    await loaded.servable.predict(oneImage(loaded));
    await loaded[Symbol.asyncDispose]();
  }
  // Workers that hold memory for nothing are replaced a second after the last unload.
  await wait(3_000);
  globalThis.gc();
  return process.memoryUsage.rss();
}

const before = await rounds(WARM_UP);
const after = await rounds(ROUNDS);
console.log(JSON.stringify({ before, after }));
await stays?.[Symbol.asyncDispose]();
