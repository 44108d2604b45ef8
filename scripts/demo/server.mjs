// The server of the demo: the command that users run, as a process of its own.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "../workspace.mjs";

const SERVING = /^serving .* at (http:\S+)$/m;

/** Serves a base path; resolves once the first version answers. */
export async function startServer({ basePath, port }) {
  const bin = join(root, "packages/cli/bin/servable.js");
  const flags = ["--model_name=mnist", `--model_base_path=${basePath}`, `--rest_api_port=${port}`];
  const child = spawn(process.execPath, [bin, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const log = [];
  child.stderr.setEncoding("utf8").on("data", (text) => log.push(text));
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
  const url = await new Promise((resolve, reject) => {
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      const [, found] = SERVING.exec(out) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then((status) => reject(new Error(`the server ended with ${status}:\n${log.join("")}`)));
  });
  return {
    url,
    ended,
    /** Asks it to stop, as a supervisor would; resolves to its exit status. */
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Waits until a version has a state. */
export async function untilVersion(url, version, state) {
  for (;;) {
    const { model_version_status: versions } = await (await fetch(url)).json();
    if (versions.some((each) => each.version === String(version) && each.state === state)) return;
    await pause(20);
  }
}
