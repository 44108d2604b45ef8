// What the benches of batching share: fixtures/mnist on an engine, callers that want one image each, and percentiles.
import { join } from "node:path";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { fixtures, pixels } from "./portable.mjs";
import "./native-library.mjs";

/** fixtures/mnist, loaded on an engine with its defaults; undefined, with a line that says why, where it is not there. */
export async function openMnist(engine) {
  try {
    return await savedModel({ engine })(folderFiles(join(fixtures, "mnist", "1"))).load({
      id: { name: "mnist", version: 1 },
      signal: new AbortController().signal,
      report() {},
    });
  } catch (error) {
    console.error(`skipped: ${engine}, since ${error.message}`);
    return undefined;
  }
}

/** The inputs of a call for some images. */
export function images(count) {
  return { images: { dtype: "float32", shape: [count, 28, 28], data: pixels(count * 784) } };
}

/** Calls a second of callers that each call again as soon as they are answered. */
export async function closedLoop(predictor, { inFlight, milliseconds, inputs = images(1) }) {
  const start = performance.now();
  let calls = 0;
  const caller = async () => {
    while (performance.now() - start < milliseconds) {
      await predictor.predict(inputs);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return (1_000 * calls) / (performance.now() - start);
}

/** How long each call took, in milliseconds, where calls come at random times (Poisson), whatever becomes of them. */
export async function openLoop(predictor, { perSecond, milliseconds }) {
  const random = randomNumbers(7);
  const inputs = images(1);
  const start = performance.now();
  const times = [];
  const calls = [];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (let due = start; due < start + milliseconds; due += (-Math.log(1 - random()) * 1_000) / perSecond) {
    while (performance.now() < due) await turn();
    // From when it was due, so that a load generator that comes late does not hide what callers would have waited.
    const at = due;
    calls.push(predictor.predict(inputs).then(() => times.push(performance.now() - at)));
  }
  await Promise.all(calls);
  return times;
}

/** The value below which a part of some numbers lies. */
export function percentile(values, part) {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))];
}

/** Numbers from 0 to 1, the same each time. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
