// npm run demo: a model made by TensorFlow answers over HTTP and is replaced by its next version under load.
// With --once it ends after that: status 0 if nothing failed and the new version is right in more than 9 of 10 cases.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { percentile, post, startClients } from "./demo/clients.mjs";
import { asText, heldOutDigits, predictionOf } from "./demo/digits.mjs";
import { startServer, untilVersion } from "./demo/server.mjs";
import { ensureBuilt, ensureInstalled, root } from "./workspace.mjs";

const CLIENTS = 8;
const WANTED_ACCURACY = 0.9;

const once = process.argv.includes("--once");
await ensureInstalled();
await ensureBuilt();

const folder = mkdtempSync(join(tmpdir(), "servable-demo-"));
const basePath = join(folder, "mnist");
mkdirSync(basePath);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
// The server hears Ctrl-C by itself; this process ends when the server has.
process.on("SIGINT", () => {});

const addVersion = (version) =>
  cpSync(join(root, "fixtures/mnist", version), join(basePath, version), { recursive: true });

/** Asks a version for every digit: its answers, and the share of right ones. */
async function examine(url, version, digits) {
  const texts = [];
  for (const { body } of digits) texts.push((await post(`${url}/versions/${version}:predict`, body)).text);
  const right = texts.filter((text, index) => predictionOf(text).digit === digits[index].label).length;
  return { texts, accuracy: right / digits.length };
}

addVersion("1");
console.log(`\nserving ${basePath}, which holds version 1 of a digit classifier`);
const server = await startServer({ basePath, port: once ? 0 : 8501 });
const predict = `${server.url}:predict`;
console.log(`POST ${predict}\n`);

const digits = heldOutDigits();
const shown = digits.find(({ label }) => label === 4);
const { digit, probability } = predictionOf((await post(predict, shown.body)).text);
console.log(
  `${asText(shown.image)}\n\nversion 1 says ${digit}, ${Math.round(100 * probability)} % sure; it is a ${shown.label}\n`,
);
const before = await examine(server.url, 1, digits);

console.log(`${CLIENTS} clients keep asking for one digit after another, and version 2 is copied in …`);
const clients = startClients(CLIENTS, predict, digits);
await pause(1_500);
addVersion("2");
await untilVersion(server.url, 2, "AVAILABLE");
await untilVersion(server.url, 1, "END");
await pause(1_500);
const answers = await clients.stop();
const after = await examine(server.url, 2, digits);

const failed = answers.filter(({ status }) => status !== 200);
const answeredBy = (texts) => answers.filter(({ text, index }) => text === texts[index]).length;
const [first, second] = [answeredBy(before.texts), answeredBy(after.texts)];
const strange = answers.length - failed.length - first - second;
const times = answers.map(({ ms }) => ms);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(`
requests answered by version 1   ${first}
requests answered by version 2   ${second}
requests failed                  ${failed.length}
time of a request                p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms
right on 200 unseen digits       ${percent(before.accuracy)} before, ${percent(after.accuracy)} after
`);
for (const { status, text } of failed.slice(0, 3)) console.log(`failed with ${status}: ${text}`);
if (strange > 0) console.log(`${strange} answers are those of neither version`);

if (once) {
  const status = await server.stop();
  const good = failed.length === 0 && strange === 0 && first > 0 && second > 0 && after.accuracy > WANTED_ACCURACY;
  if (status !== 0) console.log(`the server ended with ${status}`);
  process.exit(good && status === 0 ? 0 : 1);
}
const body = join(folder, "digit.json");
writeFileSync(body, shown.body);
console.log(`it keeps serving; try it, and end it with Ctrl-C:\n\n  curl -d @${body} ${predict}\n`);
process.exit((await server.ended) === 0 ? 0 : 1);
