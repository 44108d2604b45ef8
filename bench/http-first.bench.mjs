// One image a request over HTTP, against express that calls the same engine directly.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { alternate, report } from "./lib/measure.mjs";
import { startProcess } from "./lib/server-process.mjs";

const ROUNDS = 5;
const SECONDS = 3;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const { pixels } = JSON.parse(readFileSync(path("../fixtures/digits/held-out.json"), "utf8"));
const bytes = Buffer.from(pixels, "base64").subarray(0, 784);
const rows = Array.from({ length: 28 }, (_, row) =>
  Array.from(bytes.subarray(28 * row, 28 * row + 28), (byte) => byte / 255),
);
const body = JSON.stringify({ instances: [rows] });

const servers = {
  ours: await startProcess(path("http-first/ours.mjs")),
  rival: await startProcess(path("http-first/express.mjs")),
};

/** Requests a second; a request that fails spoils the measure. */
async function load(url, connections) {
  const headers = { "content-type": "application/json" };
  const result = await autocannon({ url, connections, duration: SECONDS, method: "POST", headers, body });
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed`);
  return result.requests.average;
}

let ok = true;
for (const connections of [1, 8]) {
  const sides = await alternate({
    rounds: ROUNDS,
    ours: () => load(servers.ours.url, connections),
    rival: () => load(servers.rival.url, connections),
  });
  const name = `one image, ${connections} connection${connections === 1 ? "" : "s"}`;
  const claim = { bench: "http-first", name, rivalName: "express with the same engine", unit: "requests/s" };
  ok = report({ ...claim, sense: ">=", target: 1, ...sides }) && ok;
}
await Promise.all(Object.values(servers).map((server) => server.stop()));
process.exit(ok ? 0 : 1);
