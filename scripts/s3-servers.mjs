// Provides two S3 servers under .cache/bin, built from their sources, for the tests and benches that ask real ones.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./workspace.mjs";

const SERVERS = [
  { name: "minio", module: "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c" },
  { name: "versitygw", module: "github.com/versity/versitygw/cmd/versitygw@v1.8.0" },
];

/** The programs by name; undefined, with a line that says why, where they cannot be had. */
export async function provideS3Servers() {
  const folder = join(root, ".cache", "bin");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const programs = {};
  for (const { name, module } of SERVERS) {
    programs[name] = join(folder, `${name}${suffix}`);
    if (existsSync(programs[name])) continue;
    if (spawnSync("go", ["version"], { stdio: "ignore" }).status !== 0) return skip("go is not installed");
    console.log(`providing ${name} in .cache/bin (once, some minutes)`);
    const status = await run("go", ["install", module], { env: { ...process.env, GOBIN: folder } });
    if (status !== 0) return skip(`go could not build ${name}`);
  }
  return programs;
}

function skip(reason) {
  console.log(`skipped: the tests against real S3 servers, since ${reason}`);
  return undefined;
}
