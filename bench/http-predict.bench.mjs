// Mnist over HTTP, 8 connections: ours with the native and the portable engine, against what one writes today in Node
// (express and tfjs-node) and in Python (FastAPI and TensorFlow, printed).
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import "./lib/native-library.mjs";
import { provideFastApi } from "../scripts/fastapi.mjs";
import { provideTfjsNode } from "../scripts/tfjs-node.mjs";
import { digitsBody } from "./lib/digits-body.mjs";
import { alternate, median, report } from "./lib/measure.mjs";
import { fixtures } from "./lib/portable.mjs";
import { startProcess, startPython } from "./lib/server-process.mjs";
import { requestsPerSecond } from "./lib/wrk.mjs";

const ROUNDS = 5;
const CONNECTIONS = 8;
const TARGETS = { native: { 1: 4, 32: 2.5 }, portable: { 1: 2.5, 32: 0.8 } };
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = join(fixtures, "mnist");

const packages = await provideTfjsNode();
if (packages === undefined) process.exit(0);
const python = await provideFastApi();
const express = await startProcess(path("batch-http/express.mjs"), [folder, packages]);
const fastApi = python && (await startPython(python, path("http-predict/fast_api.py"), [folder]));

let ok = true;
for (const engine of ["native", "portable"]) {
  const ours = await startProcess(path("http-predict/ours.mjs"), [folder, engine]);
  for (const images of [1, 32]) {
    const body = digitsBody(images);
    await agree([ours, express, ...(fastApi ? [fastApi] : [])], body);
    const load = ({ url }) => requestsPerSecond(url, { connections: CONNECTIONS, seconds: 3, body });
    await load(ours).then(() => load(express));
    const sides = await alternate({ rounds: ROUNDS, ours: () => load(ours), rival: () => load(express) });
    const name = `mnist, ${engine}, ${images === 1 ? "one image" : `batch of ${images}`}, ${CONNECTIONS} connections`;
    const claim = { bench: "http-predict", name, unit: "requests/s" };
    const target = TARGETS[engine][images];
    ok = report({ ...claim, rivalName: "express and tfjs-node", sense: ">=", target, ...sides }) && ok;
    if (engine !== "native" || fastApi === undefined) continue;
    const theirs = [];
    for (let round = 0; round < 3; round++) theirs.push(await load(fastApi));
    const { ours: value } = sides;
    report({
      ...claim,
      rivalName: "FastAPI and TensorFlow",
      sense: ">=",
      target: 0,
      ours: value,
      rival: median(theirs),
    });
  }
  await ours.stop();
}
await Promise.all([express.stop(), fastApi?.stop()]);
process.exit(ok ? 0 : 1);

/** A server that answers something else is none. */
async function agree(servers, body) {
  const [first, ...others] = await Promise.all(
    servers.map(async ({ url }) => {
      const headers = { "content-type": "application/json" };
      return (await (await fetch(url, { method: "POST", headers, body })).json()).predictions.flat();
    }),
  );
  for (const other of others) {
    if (first.length !== other.length || first.some((value, at) => Math.abs(value - other[at]) > 1e-4)) {
      throw new Error("the answers differ");
    }
  }
}
