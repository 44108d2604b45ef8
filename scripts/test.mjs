// npm test: everything, real parts included. Ends with the plain line "N passed, N failed".
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { provideChromium } from "./chromium.mjs";
import { provideKServe } from "./kserve.mjs";
import { provideS3Servers } from "./s3-servers.mjs";
import { provideTensorFlow } from "./tensorflow.mjs";
import { provideTfjsNode } from "./tfjs-node.mjs";
import { ensureBuilt, ensureInstalled, root, run } from "./workspace.mjs";
import { provideZoo } from "./zoo.mjs";

const nightly = process.argv.includes("--nightly");
await ensureInstalled();
await ensureBuilt();
const python = await provideTensorFlow();
const chromium = await provideChromium();
const s3 = await provideS3Servers();
const tfjsNode = await provideTfjsNode();
const kserve = await provideKServe();
if (python !== undefined) await provideZoo();
const parts = process.platform === "linux" ? [python, chromium, s3, tfjsNode] : [python, chromium, s3];
if (parts.includes(undefined) && process.env.CI === "true") {
  console.error("CI=true: a missing part is a failure");
  console.log("0 passed, 1 failed");
  process.exit(1);
}

mkdirSync(join(root, ".cache"), { recursive: true });
const report = join(root, ".cache", "test-report.json");
const status = await run(
  "npx",
  ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  {
    env: {
      ...process.env,
      SERVABLE_PYTHON: python ?? "",
      SERVABLE_CHROMIUM: chromium ?? "",
      SERVABLE_KSERVE: kserve ?? "",
      SERVABLE_TFJS_NODE: tfjsNode ?? "",
      SERVABLE_MINIO: s3?.minio ?? "",
      SERVABLE_VERSITYGW: s3?.versitygw ?? "",
      SERVABLE_NIGHTLY: nightly ? "1" : "",
    },
  },
);
const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
  readFileSync(report, "utf8"),
);
// A file that cannot even be collected has no tests to count, and is a failure all the same.
const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0, status === 0 ? 0 : 1);
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
console.log(`${numPassedTests} passed, ${failed} failed${skipped}`);
process.exit(failed === 0 && numPassedTests > 0 ? 0 : 1);
