import { readFile } from "node:fs/promises";
import { ServingError } from "@servable/core";
import { checkBasePath } from "./check-base-path.js";
import { parseFlags } from "./parse-flags.js";
import { serve } from "./serve.js";
import { serveOptions } from "./serve-options.js";
import { usage } from "./usage.js";
import { UsageError } from "./usage-error.js";

/** What a run of the command talks to. */
export interface CliPorts {
  /** Takes a line for standard output. */
  readonly out: (line: string) => void;
  /** Takes a line for standard error. */
  readonly err: (line: string) => void;
  /** Hands over the function to call when the process is asked to stop, by a signal say. */
  readonly onStop: (stop: () => void) => void;
}

/**
 * Runs the command until it is asked to stop.
 * @returns the exit status: 0 after a clean end, 1 after a failure, 2 for a command line that cannot be followed
 */
export async function runCli(argv: readonly string[], ports: CliPorts): Promise<number> {
  try {
    const flags = parseFlags(argv);
    if (flags.values.help === "true") {
      ports.out(usage());
      return 0;
    }
    if (flags.values.version === "true") {
      ports.out(`servable ${await ownVersion()}`);
      return 0;
    }
    for (const name of flags.ignored)
      ports.err(`warning: --${name} is TensorFlow Serving's and has no effect here yet`);
    const options = serveOptions(flags);
    await checkBasePath(options.modelBasePath);
    await serve(options, ports);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      ports.err(`servable: ${error.message}`);
      ports.err("servable --help lists the flags");
      return 2;
    }
    ports.err(`servable: ${ServingError.is(error) ? error.message : describeFault(error)}`);
    return 1;
  }
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
