import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../repository/sources.js";

/** The built command as a process of its own. */
export interface Command extends AsyncDisposable {
  /** All that it has written so far. */
  readonly output: string;
  /** Resolves once what it writes matches; fails if it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly pid: number | undefined;
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts `servable` with flags, as npm links it. */
export function command(...flags: readonly string[]): Command {
  const child = spawn(process.execPath, [join(root, "packages/cli/bin/servable.js"), ...flags]);
  let output = "";
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      tell();
    });
  }
  let isOver = false;
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (code, signal) => {
      isOver = true;
      resolve(code ?? signal);
      tell();
    });
  });
  return {
    get output() {
      return output;
    },
    ended,
    pid: child.pid,
    signal: (name) => void child.kill(name),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output);
          if (found === null && !isOver) return;
          listeners.delete(look);
          if (found === null) reject(new Error(`the command ended before it said ${String(pattern)}:\n${output}`));
          else resolve(found);
        };
        listeners.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A folder that is gone afterwards, to put versions into. */
export interface BasePath extends AsyncDisposable {
  readonly path: string;
  /** Copies a version of a model that TensorFlow made. */
  add(model: string, version?: string): Promise<void>;
}

export async function basePath(): Promise<BasePath> {
  const path = await mkdtemp(join(tmpdir(), "servable-system-"));
  return {
    path,
    add: (model, version = model.split("/")[1] ?? "") =>
      cp(join(root, "fixtures", model), join(path, version), { recursive: true }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A command that serves a base path, and where. */
export async function serve(base: BasePath, ...flags: readonly string[]): Promise<{ server: Command; url: string }> {
  const server = command("--model_name=m", `--model_base_path=${base.path}`, "--rest_api_port=0", ...flags);
  const [, url = ""] = await server.until(/^serving m version \d+ at (http:\S+)$/m);
  return { server, url };
}

/** An answer, with its JSON. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

export async function ask(url: string, body?: unknown): Promise<Answer> {
  const init =
    body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(url, init);
  return { status: response.status, json: await response.json() };
}
