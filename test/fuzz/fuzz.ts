import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const folder = `${root}/node_modules/.cache/servable/fuzz`;
const main = `${folder}/main.mjs`;

/** The heap of the process that reads inputs. */
const MAX_HEAP_MEGABYTES = 768;
/** No input may take longer; far beyond what any takes, so that a busy machine is no fault. */
const MAX_INPUT_MS = 15_000;

/** What came of fuzzing a target. */
export interface FuzzReport {
  readonly executions: number;
  readonly corpus: number;
  readonly blocks: number;
  /** What went wrong first. */
  readonly fault?: string;
  /** The input that it went wrong with, made small if that could be done; base64. */
  readonly input?: string;
}

/** How long and where from a target is fuzzed. */
export interface FuzzOptions {
  readonly seconds: number;
  /** The same seed makes the same inputs out of the same coverage. */
  readonly seed: number;
}

/** Bundles the targets with all that they read, from the sources. */
export async function buildFuzzer(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is fuzzed is a script beside the fuzzer's, so that the coverage of the one goes without that of the other.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["@servable/source"],
    external: ["@tensorflow/*"],
    sourcemap: "inline",
    plugins: [ownUrls],
  });
}

/** Sources that look for files beside them find them from within the bundle, too. */
const ownUrls: Plugin = {
  name: "own-urls",
  setup(build) {
    build.onLoad({ filter: /(packages|test\/fuzz\/targets|test\/fuzz\/fixture-files).*\.ts$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: readFileSync(path, "utf8").replaceAll("import.meta.url", url), loader: "ts" };
    });
  },
};

/** Fuzzes a target in a process of its own, which may crash, hang or take too much memory. */
export async function fuzz(target: string, { seconds, seed }: FuzzOptions): Promise<FuzzReport> {
  const inputFile = `${folder}/${target}.input`;
  const heap = `--max-old-space-size=${MAX_HEAP_MEGABYTES}`;
  const child = spawn(
    process.execPath,
    [heap, "--enable-source-maps", main, target, `${seconds}`, `${seed}`, inputFile],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let [output, complaints] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints = (complaints + text).slice(-8_192)));
  let hangs = false;
  const watch = setInterval(() => {
    const touched = statSync(inputFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    hangs = Date.now() - touched > MAX_INPUT_MS;
    if (hangs) child.kill("SIGKILL");
  }, 1_000);
  const ended = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? `status ${code}`));
  });
  clearInterval(watch);
  const report = output.trim().split("\n").at(-1) ?? "";
  if (report.startsWith("{")) return JSON.parse(report) as FuzzReport;
  const fault = hangs ? `an input takes longer than ${MAX_INPUT_MS} ms` : `the process ended: ${ended}\n${complaints}`;
  return { executions: 0, corpus: 0, blocks: 0, fault, input: lastInput(inputFile) };
}

/** The input that a process was reading when it ended: its number and its length, then its bytes. */
function lastInput(inputFile: string): string {
  const bytes = readFileSync(inputFile);
  return bytes.length < 8 ? "" : bytes.subarray(8, 8 + bytes.readUInt32BE(4)).toString("base64");
}
