// p99 over HTTP while versions are swapped, against the same server left alone.
import { fileURLToPath } from "node:url";
import "./lib/native-library.mjs";
import { digitsBody } from "./lib/digits-body.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { startProcess } from "./lib/server-process.mjs";
import { latencyOf } from "./lib/wrk.mjs";

const ROUNDS = 5;
const server = await startProcess(fileURLToPath(new URL("http-swap/ours.mjs", import.meta.url)));
const body = digitsBody(1);
const load = async (isSwapping) => {
  server.send({ isSwapping });
  return (await latencyOf(server.url, { connections: 8, seconds: 5, body })).p99;
};
await load(true);
const sides = await alternate({ rounds: ROUNDS, ours: () => load(true), rival: () => load(false) });
const ok = report({
  bench: "http-swap",
  name: "mnist, native, 8 connections, a swap every second: p99",
  rivalName: "without swaps",
  unit: "ms",
  sense: "<=",
  target: 1.5,
  ...sides,
});
await server.stop();
process.exit(ok ? 0 : 1);
