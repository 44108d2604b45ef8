// The contract that every source keeps, run by Node's own test runner.
import { createServer } from "node:http";
import { test } from "node:test";
import { sourceContract } from "@servable/core/testing";
import { manifestSource } from "./manifest-source.mjs";

/** A web server with a manifest, and sources that look at it all the time. */
async function world() {
  const state = { versions: new Map(), entries: [], requests: 0, waiting: new Set(), broken: false, warned: () => {} };
  const server = createServer(({ url }, response) => {
    state.requests++;
    if (state.broken) response.statusCode = 503;
    const versions = [...state.versions].map(([version, digest]) => ({ version, url: `${version}`, digest }));
    response.end(JSON.stringify(url === "/manifest" ? { versions: [...versions, ...state.entries] } : { url }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dispose = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(state, { port: server.address().port, [Symbol.asyncDispose]: dispose });
}

/** The time, with what waits for it. */
const clockOf = ({ waiting }) => ({
  now: Date.now,
  schedule(callback, delayMs) {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      callback();
    }, delayMs);
    waiting.add(timer);
    return () => {
      clearTimeout(timer);
      waiting.delete(timer);
    };
  },
});

const cases = sourceContract({
  world,
  create: (world) =>
    manifestSource({
      name: "m",
      url: `http://127.0.0.1:${world.port}/manifest`,
      maxMs: 1,
      clock: clockOf(world),
      onWarning: () => world.warned(),
    }),
  addVersion: ({ versions }, version) => versions.set(version, "first bytes"),
  removeVersion: ({ versions }, version) => versions.delete(version),
  changeVersion: ({ versions }, version) => versions.set(version, `${versions.get(version)}, changed`),
  addJunk: ({ entries }) => entries.push({ version: -1 }),
  breakStore: (world) =>
    new Promise((resolve) => {
      world.warned = resolve;
      world.broken = true;
    }),
  mendStore: (world) => {
    world.broken = false;
  },
  read: async ({ url }) => (await fetch(url)).json(),
  accesses: ({ requests }) => requests,
  atWork: ({ waiting }) => waiting.size,
});

for (const { name, run, skipped } of cases) test(name, { skip: skipped ?? false, timeout: 10_000 }, run);
