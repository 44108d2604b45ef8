// Load over HTTP from a process of its own: wrk where it is installed, else autocannon, which takes more of the machine.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import autocannon from "autocannon";

const run = promisify(execFile);

/** The requests a second that a server answers to so many connections; a request that fails spoils the measure. */
export async function requestsPerSecond(url, { connections, seconds, body }) {
  return (await hasWrk())
    ? byWrk(url, { connections, seconds, body })
    : byAutocannon(url, { connections, seconds, body });
}

async function hasWrk() {
  try {
    await run("which", ["wrk"]);
    return true;
  } catch {
    return false;
  }
}

/** The latency at the 99th percentile, in ms, under load; a request that fails spoils the measure. */
export async function latencyOf(url, { connections, seconds, body }) {
  if (await hasWrk()) {
    const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(await runWrk(url, { connections, seconds, body })) ?? [];
    return { p99: Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit] };
  }
  console.error("wrk is not installed (Debian: apt-get install wrk); autocannon takes more of the machine");
  return { p99: (await runAutocannon(url, { connections, seconds, body })).latency.p99 };
}

async function byWrk(url, load) {
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(await runWrk(url, load))?.[1]);
}

/** What wrk prints. */
async function runWrk(url, { connections, seconds, body }) {
  const folder = mkdtempSync(join(tmpdir(), "servable-wrk-"));
  try {
    const script = join(folder, "post.lua");
    writeFileSync(
      script,
      `wrk.method = "POST"\nwrk.headers["content-type"] = "application/json"\nwrk.body = [==[${body}]==]\n`,
    );
    const flags = ["-t1", "--latency", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "-s", script, url];
    const { stdout } = await run("wrk", flags);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}: requests failed\n${stdout}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function byAutocannon(url, load) {
  return (await runAutocannon(url, load)).requests.average;
}

async function runAutocannon(url, { connections, seconds, body }) {
  const headers = { "content-type": "application/json" };
  const result = await autocannon({ url, connections, duration: seconds, method: "POST", headers, body });
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed`);
  return result;
}
