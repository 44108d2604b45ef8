// One download into an empty cache, in a process of its own: node ours.mjs URL CACHE OPTIONS. Prints what it took.
import { readFileSync } from "node:fs";
import { s3Source } from "@servable/source-s3";
import { firstValueFrom } from "rxjs";

const [url, cacheFolder, options] = process.argv.slice(2);
const source = s3Source({
  name: "model",
  url,
  cacheFolder,
  ...JSON.parse(options),
  pollMs: 0,
  complete: () => undefined,
});
const { versions } = await firstValueFrom(source);
const [{ data }] = versions;
globalThis.gc?.();
const idleBytes = process.memoryUsage.rss();
const start = performance.now();
const files = await data.open({ signal: new AbortController().signal, report() {} });
const milliseconds = performance.now() - start;
await files[Symbol.asyncDispose]();
const cpu = process.cpuUsage();
// The highest that the system has seen, not the highest of some samples.
const peakBytes = 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
console.log(JSON.stringify({ milliseconds, peakBytes, idleBytes, cpu: (cpu.user + cpu.system) / 1e3 }));
