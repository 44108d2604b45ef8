// One image a request over HTTP, 64 connections: the native engine behind batching, against express with tfjs-node.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import "./lib/native-library.mjs";
import { provideTfjsNode } from "../scripts/tfjs-node.mjs";
import { openMnist } from "./lib/batch-model.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { fixtures } from "./lib/portable.mjs";
import { startProcess } from "./lib/server-process.mjs";
import { requestsPerSecond } from "./lib/wrk.mjs";

const ROUNDS = 5;
const ENGINE = "native";
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const packages = await provideTfjsNode();
const found = await openMnist(ENGINE);
if (packages === undefined || found === undefined) process.exit(0);
await found[Symbol.asyncDispose]();

const { pixels } = JSON.parse(readFileSync(join(fixtures, "digits", "held-out.json"), "utf8"));
const bytes = Buffer.from(pixels, "base64").subarray(0, 784);
const rows = Array.from({ length: 28 }, (_, row) =>
  Array.from(bytes.subarray(28 * row, 28 * row + 28), (byte) => byte / 255),
);
const body = JSON.stringify({ instances: [rows] });
const folder = join(fixtures, "mnist");
const servers = {
  ours: await startProcess(path("batch-http/ours.mjs"), [folder, ENGINE]),
  rival: await startProcess(path("batch-http/express.mjs"), [folder, packages]),
};
await agree(servers);
const load = ({ url }) => requestsPerSecond(url, { connections: 64, seconds: 4, body });
await load(servers.ours).then(() => load(servers.rival));
const ok = report({
  bench: "batch-http",
  name: `mnist, ${ENGINE}, one image a request, 64 connections`,
  rivalName: "express and tfjs-node",
  unit: "requests/s",
  sense: ">=",
  target: 8,
  ...(await alternate({ rounds: ROUNDS, ours: () => load(servers.ours), rival: () => load(servers.rival) })),
});
await Promise.all(Object.values(servers).map((server) => server.stop()));
process.exit(ok ? 0 : 1);

/** A server that answers something else is none. */
async function agree({ ours, rival }) {
  const ask = async ({ url }) =>
    (await (await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })).json())
      .predictions[0];
  const [one, other] = [await ask(ours), await ask(rival)];
  if (one.some((value, at) => Math.abs(value - other[at]) > 1e-4)) throw new Error("the answers differ");
}
