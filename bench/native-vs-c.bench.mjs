// The native engine against a C program that calls TF_SessionRun of the same library from as many threads.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { has, root } from "../scripts/workspace.mjs";
import { alternate, report } from "./lib/measure.mjs";
import { library, openModel, speedWith } from "./lib/native.mjs";
import { fixtures, pixels } from "./lib/portable.mjs";

const IN_FLIGHT = 8;
const ROUNDS = 25;
const MILLISECONDS = 300;
/**
 * The engine's default: ConfigProto { inter_op_parallelism_threads: -1 allow_soft_placement: true
 * experimental { disable_thread_spinning: true } }.
 */
const CONFIG = "28ffffffffffffffffff0138018201024801";
/** A thread for each call, and the one that is left to file reads. */
const POOL = `${IN_FLIGHT + 1}`;

if (library === undefined || !has("cc")) process.exit(0);
if (process.env.UV_THREADPOOL_SIZE !== POOL) {
  const env = { ...process.env, UV_THREADPOOL_SIZE: POOL };
  process.exit(spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { env, stdio: "inherit" }).status ?? 1);
}
const folder = join(fixtures, "mnist", "1");
const program = join(root, ".cache", "bench", "native-vs-c");
mkdirSync(dirname(program), { recursive: true });
const libraries = [library, join(dirname(library), "libtensorflow_framework.so.2")];
const source = fileURLToPath(new URL("native-vs-c/run.c", import.meta.url));
const include = ["-I", join(dirname(library), "include")];
const paths = [`-Wl,-rpath,${dirname(library)}`];
execFileSync("cc", ["-O2", ...include, source, "-o", program, ...libraries, ...paths, "-lpthread"]);

const results = [];
for (const batch of [1, 32]) {
  const ours = await openModel(folder, { engine: "native", native: { maxCallsInFlight: IN_FLIGHT } });
  const { inputs, outputs } = ours.servable.signatures.serving_default;
  const [operation] = inputs.images.tensorName.split(":");
  const [wanted, index = "0"] = outputs.probabilities.tensorName.split(":");
  const shape = [batch, 28, 28];
  const args = [folder, CONFIG, operation, wanted, index, IN_FLIGHT, ...shape].map(String);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const rival = async () => {
    child.stdin.write(`${MILLISECONDS}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("the C program ended");
    return Number(value);
  };
  const images = { dtype: "float32", shape, data: pixels(batch * 784) };
  const call = () => ours.servable.predict({ images });
  const us = () => speedWith(call, IN_FLIGHT, MILLISECONDS);
  for (let round = 0; round < 3; round++) await us().then(rival);
  results.push(
    report({
      bench: "native-vs-c",
      name: `mnist, batch ${batch}, ${IN_FLIGHT} in flight`,
      rivalName: `TF_SessionRun from C, ${IN_FLIGHT} threads`,
      unit: "calls/s",
      sense: ">=",
      target: 0.92,
      ...(await alternate({ rounds: ROUNDS, ours: us, rival })),
    }),
  );
  child.stdin.end();
  await ours[Symbol.asyncDispose]();
}
process.exit(results.every(Boolean) ? 0 : 1);
