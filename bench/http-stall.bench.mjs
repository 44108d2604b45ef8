// The longest time for which a large body, read or written, keeps the event loop of the server from anything else.
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { median, report } from "./lib/measure.mjs";
import { startProcess } from "./lib/server-process.mjs";

const ROUNDS = 9;
const LONGEST_MS = 10;
const ELEMENTS = 4_000_000;

const server = await startProcess(fileURLToPath(new URL("http-stall/ours.mjs", import.meta.url)));

/** A body of so many floats of 17 digits, in rows of a thousand. */
function largeBody() {
  const numbers = Array.from({ length: 1_000 }, (_, index) => String(Math.fround(Math.sin(index + 1)) + 1e-17 * index));
  const row = `[${numbers.join(",")}]`;
  const rows = Array.from({ length: ELEMENTS / 1_000 }, () => row).join(",");
  return Buffer.from(`{"signature_name":"sum","instances":[${rows}]}`);
}

function post(body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const sent = request(server.url, { method: "POST", headers }, (response) => {
      let bytes = 0;
      response.on("data", (chunk) => {
        bytes += chunk.length;
      });
      response.on("end", () => (response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${bytes} bytes`))));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function stall(body) {
  await server.ask({ watch: true });
  await post(body);
  return (await server.ask({ watch: false })).longestMs;
}

const cases = [
  [(bytes) => `a body of ${bytes} MB`, largeBody(), (body) => body.length],
  [(bytes) => `an answer of ${bytes} MB`, Buffer.from('{"signature_name":"make","inputs":[1]}'), post],
];
let ok = true;
for (const [name, body, size] of cases) {
  const bytes = await size(body);
  const longest = [];
  for (let round = 0; round < ROUNDS; round++) longest.push(await stall(body));
  const claim = { bench: "http-stall", name: name(Math.round(bytes / 1e6)), rivalName: `${LONGEST_MS} ms`, unit: "ms" };
  ok = report({ ...claim, sense: "<=", target: 1, ours: median(longest), rival: LONGEST_MS }) && ok;
}
await server.stop();
process.exit(ok ? 0 : 1);
