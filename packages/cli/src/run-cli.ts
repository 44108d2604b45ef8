import { readFile } from "node:fs/promises";
import { ServingError } from "@servable/core";
import { concat, NEVER, type Observable, of } from "rxjs";
import { checkBasePath } from "./check-base-path.js";
import { configFileModels, readModelConfig } from "./config-file.js";
import { doctor } from "./doctor/doctor.js";
import type { ModelEntry } from "./model-config.js";
import { isAddress } from "./model-source.js";
import { parseFlags } from "./parse-flags.js";
import { publish } from "./publish.js";
import { serve } from "./serve.js";
import { type ModelsChoice, serveOptions } from "./serve-options.js";
import { usage } from "./usage.js";
import { UsageError } from "./usage-error.js";
import { warmupRecord } from "./warm-up/warmup-record.js";

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
    if (argv[0] === "publish") {
      await publish(argv.slice(1), ports);
      return 0;
    }
    if (argv[0] === "doctor") return await doctor(argv.slice(1), ports);
    if (argv[0] === "warmup") {
      if (argv[1] !== "record") throw new UsageError("warmup has one command: servable warmup record DIR …");
      await warmupRecord(argv.slice(2), ports);
      return 0;
    }
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
    await serve(options, await modelsOf(options.models, ports), ports);
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

/** The models to serve, and how they change; what is wrong with them at the start ends the command. */
async function modelsOf(choice: ModelsChoice, { err }: CliPorts): Promise<Observable<readonly ModelEntry[]>> {
  if (choice.kind === "one") {
    if (!isAddress(choice.model.basePath)) await checkBasePath(choice.model.basePath);
    return concat(of([choice.model]), NEVER);
  }
  const models = await readModelConfig(choice.file);
  return configFileModels({ ...choice, models, onWarning: (warning) => err(`warning: ${warning}`) });
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
