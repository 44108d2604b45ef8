// What HTTP and JSON alone cost: a predictor that does nothing, against bare node:http that parses the same body with
// JSON.parse and answers the same bytes.
import { fileURLToPath } from "node:url";
import { denseBody } from "./lib/digits-body.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { startProcess } from "./lib/server-process.mjs";
import { requestsPerSecond } from "./lib/wrk.mjs";

const ROUNDS = 7;
const CONNECTIONS = 8;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const servers = {
  ours: await startProcess(path("http-floor/ours.mjs")),
  rival: await startProcess(path("http-floor/bare.mjs")),
};
let ok = true;
for (const [digits, target] of [
  [6, 1.2],
  [17, 1.5],
]) {
  const body = denseBody(digits);
  const ask = async ({ url }) => (await fetch(url, { method: "POST", body })).text();
  const [one, other] = [await ask(servers.ours), await ask(servers.rival)];
  if (one !== other) throw new Error(`the answers differ: ${one} and ${other}`);
  const load = ({ url }) => requestsPerSecond(url, { connections: CONNECTIONS, seconds: 3, body });
  await load(servers.ours).then(() => load(servers.rival));
  const sides = await alternate({
    rounds: ROUNDS,
    ours: () => load(servers.ours),
    rival: () => load(servers.rival),
  });
  const name = `one image, ${digits} digits, a predictor that does nothing`;
  const claim = { bench: "http-floor", name, rivalName: "bare node:http with JSON.parse", unit: "requests/s" };
  ok = report({ ...claim, sense: ">=", target, ...sides }) && ok;
}
await Promise.all(Object.values(servers).map((server) => server.stop()));
process.exit(ok ? 0 : 1);
