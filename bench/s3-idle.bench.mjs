// Requests that a watched model makes in ten idle minutes at default settings, by a clock that is moved by hand.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@servable/core/testing";
import { s3Source } from "@servable/source-s3";
import { report } from "./lib/measure.mjs";

const bench = "s3-idle";
const MINUTES = 10;
/** TensorFlow Serving lists once a second by default. */
const THEIRS = MINUTES * 60;
/** Requests that ours may make. */
const MOST = 30;

/** A bucket with one version, in memory, that counts what it is asked for. */
function countingStore() {
  const object = { key: "model/1/weights", sizeBytes: 1, etag: "a", modifiedMs: 0 };
  const counts = { requests: 0 };
  const count = () => void counts.requests++;
  const refuse = async () => {
    count();
    throw new Error("nothing but listings was expected");
  };
  return {
    counts,
    get: refuse,
    checksum: refuse,
    put: refuse,
    async list(_, { oneLevel }) {
      count();
      return oneLevel
        ? { objects: [], folders: ["model/1/"], requests: 1 }
        : { objects: [object], folders: [], requests: 1 };
    },
  };
}

const store = countingStore();
const clock = manualClock(Date.now());
const cacheFolder = await mkdtemp(join(tmpdir(), "servable-idle-"));
const source = s3Source({ name: "m", url: "s3://models/model", store, clock, cacheFolder, complete: () => undefined });
const settled = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};
let offered = 0;
const watching = source.subscribe(({ versions }) => {
  offered = versions.length;
});
await settled();
// What the start takes is not idling, nor are the looks that come close together after it.
for (let second = 0; second < 120; second++) {
  clock.advance(1_000);
  await settled();
}
if (offered !== 1) throw new Error("the version was not offered");
const before = store.counts.requests;
for (let second = 0; second < MINUTES * 60; second++) {
  clock.advance(1_000);
  await settled();
}
watching.unsubscribe();
await rm(cacheFolder, { recursive: true, force: true });
const ours = store.counts.requests - before;
const claim = { bench, unit: "requests", sense: "<=", target: 1, ours };
console.error(`from the start, which looks more often, two minutes took ${before} requests`);
const results = [
  report({ ...claim, name: "ten idle minutes", rivalName: "30 requests", rival: MOST }),
  report({ ...claim, name: "ten idle minutes", rivalName: "TensorFlow Serving's 600 listings", rival: THEIRS }),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
