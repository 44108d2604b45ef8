// A model of 512 MB in 8 files from MinIO into the cache, verified, against `rclone copy` with as many transfers.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alternate, report } from "./lib/measure.mjs";
import { startMinio } from "./lib/minio.mjs";

const bench = "s3-fetch";
const ROUNDS = 5;
const FILES = 8;
const FILE_BYTES = 64 * 2 ** 20;
/** As many requests at a time as `s3Source` makes by default. */
const TRANSFERS = 8;
const PROGRAM = fileURLToPath(new URL("s3-fetch/ours.mjs", import.meta.url));

/** Runs a program in an empty folder, which goes with it. */
async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), "servable-fetch-"));
  try {
    return work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(program, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", env });
  if (status !== 0) throw error ?? new Error(stderr);
  return stdout;
}

const minio = await startMinio();
try {
  const names = Array.from({ length: FILES }, (_, file) => `weights-${file}`);
  const files = [];
  for (const name of names) {
    const bytes = randomBytes(FILE_BYTES);
    files.push({ name, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    await minio.put(`plain/1/${name}`, bytes);
    await minio.put(`published/1/${name}`, bytes);
  }
  await minio.put("published/1/servable.json", JSON.stringify({ servable: 1, files }));
  const memory = [];
  const ours = (model) => () =>
    inFolder((folder) => {
      const args = ["--expose-gc", PROGRAM, `s3://models/${model}`, folder, JSON.stringify(minio.options)];
      const { milliseconds, peakBytes, idleBytes, cpu } = JSON.parse(run(process.execPath, args));
      memory.push((peakBytes - idleBytes) / 1e6);
      const facts = `${cpu.toFixed(0)} ms of processor in all, ${memory.at(-1).toFixed(0)} MB over idle`;
      console.error(`ours, ${model}: ${milliseconds.toFixed(0)} ms, ${facts}`);
      return milliseconds;
    });
  const { credentials, endpoint } = minio.options;
  // rclone 1.60 does not start with certificates of one's own.
  const { AWS_CA_BUNDLE: _, ...environment } = process.env;
  const env = {
    ...environment,
    RCLONE_CONFIG_STORE_TYPE: "s3",
    RCLONE_CONFIG_STORE_PROVIDER: "Minio",
    RCLONE_CONFIG_STORE_ENDPOINT: endpoint,
    RCLONE_CONFIG_STORE_ACCESS_KEY_ID: credentials.accessKeyId,
    RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const rclone = () =>
    inFolder((folder) => {
      const start = performance.now();
      run("rclone", ["copy", "store:models/plain/1", folder, `--transfers=${TRANSFERS}`, "--config=/dev/null"], env);
      const milliseconds = performance.now() - start;
      console.error(`rclone: ${milliseconds.toFixed(0)} ms`);
      return milliseconds;
    });
  // Both warm: what MinIO reads lies in memory.
  await ours("plain")();
  await rclone();
  memory.length = 0;
  const claim = { bench, rivalName: "rclone copy", unit: "ms", sense: "<=", target: 1 };
  const measured = (model) => alternate({ rounds: ROUNDS, ours: ours(model), rival: rclone });
  const results = [
    report({ ...claim, name: "512 MB in 8 files, verified by etag (MD5)", ...(await measured("plain")) }),
    report({ ...claim, name: "512 MB in 8 files, verified by manifest (SHA-256)", ...(await measured("published")) }),
    report({
      ...claim,
      name: "peak resident set over idle",
      rivalName: "150 MB",
      unit: "MB",
      ours: Math.max(...memory),
      rival: 150,
    }),
  ];
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  await minio.stop();
}
