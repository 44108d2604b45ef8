// A start with a warm cache: requests for object data, and the time to the first answer against a plain folder.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideApplication } from "./lib/keras-application.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { startMinio } from "./lib/minio.mjs";

const bench = "s3-warm";
const ROUNDS = 5;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A proxy that counts what is asked for. */
async function countingProxy(endpoint) {
  const counts = { lists: 0, objects: 0 };
  const server = createServer((request, response) => {
    const { url, method, headers } = request;
    counts[new URL(url, endpoint).searchParams.has("list-type") ? "lists" : "objects"]++;
    const passed = forward(new URL(url, endpoint), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { counts, endpoint: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

/** Time to the first answer of a process of its own. */
async function firstAnswer(options, shape) {
  const args = [path("s3-warm/first-answer.mjs"), JSON.stringify({ name: "model", ...options }), JSON.stringify(shape)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const texts = await Promise.all([child.stdout, child.stderr].map((stream) => stream.setEncoding("utf8").toArray()));
  const [out, err] = texts.map((chunks) => chunks.join(""));
  if (!out.startsWith("{")) throw new Error(err);
  return JSON.parse(out).milliseconds;
}

/** Puts a model into a folder and a bucket, starts it from both, warm, in turn; whether the targets are met. */
async function compare(name, model, images) {
  const folder = join(base, name);
  await mkdir(folder);
  await cp(model, join(folder, "1"), { recursive: true });
  for (const entry of await readdir(model, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    await minio.put(`${name}/1${file.slice(model.length)}`, await readFile(file));
  }
  const address = { endpoint: proxy.endpoint, url: `s3://models/${name}`, cacheFolder: join(base, "cache") };
  const bucket = { ...minio.options, ...address };
  // Copied files and objects alike have to be at rest before they are taken.
  await firstAnswer(bucket, images);
  await firstAnswer({ path: folder }, images);
  proxy.counts.objects = 0;
  const times = await alternate({
    rounds: ROUNDS,
    ours: () => firstAnswer(bucket, images),
    rival: () => firstAnswer({ path: folder }, images),
  });
  const claim = { bench, sense: "<=", ...times };
  const time = { name: `${name}, to the first answer`, rivalName: "a plain folder", unit: "ms", target: 1.2 };
  const objects = { ours: proxy.counts.objects + 1, rival: 1, target: 1, unit: "requests" };
  return [
    report({ ...claim, ...time }),
    report({ ...claim, name: `${name}, requests for objects, and one`, rivalName: "none, and one", ...objects }),
  ];
}

const minio = await startMinio();
const base = await mkdtemp(join(tmpdir(), "servable-warm-"));
const proxy = await countingProxy(minio.endpoint);
try {
  const results = [
    ...(await compare("mnist", path("../fixtures/mnist/1"), [1, 28, 28])),
    ...(await compare("MobileNetV2", await provideApplication("MobileNetV2"), [1, 224, 224, 3])),
  ];
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  proxy.stop();
  await minio.stop();
  await rm(base, { recursive: true, force: true });
}
