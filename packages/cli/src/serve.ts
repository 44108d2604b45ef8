import { createManager, formatId, loadWith, type Manager, type ManagerEvent } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { savedModel } from "@servable/loader-tf";
import type { Observable } from "rxjs";
import { batchedLoader } from "./batched-loader.js";
import { configuredSource } from "./configured-source.js";
import type { ModelEntry } from "./model-config.js";
import { modelSource } from "./model-source.js";
import { parseMonitoringConfig } from "./monitoring-config.js";
import { narrate } from "./narrate.js";
import { progressLines } from "./progress-lines.js";
import { readFlagFile } from "./read-flag-file.js";
import type { CliPorts } from "./run-cli.js";
import type { ServeOptions } from "./serve-options.js";
import { sessionConfig } from "./session-config.js";

/** Serves until stopped; then drains and closes. A second request to stop ends the wait for what is still held. */
export async function serve(
  options: ServeOptions,
  models$: Observable<readonly ModelEntry[]>,
  { out, err, onStop }: CliPorts,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  const warn = (warning: string): void => err(`warning: ${warning}`);
  const { tags, warmUp, engine } = options;
  const native = await sessionConfig(options);
  if (engine !== "native" && engine !== "auto" && Object.keys(native).length > 0) {
    warn(`flags of TensorFlow's sessions have no effect on the engine ${engine}`);
  }
  const { timeoutMs, cors, monitoringFile } = options.rest;
  const path =
    monitoringFile &&
    parseMonitoringConfig(await readFlagFile("monitoring_config_file", monitoringFile), monitoringFile);
  const toLoader = await batchedLoader(savedModel({ tags, warmUp, engine, native }), options.batching);
  let wanted: readonly ModelEntry[] = [];
  const onFollowed = (models: readonly ModelEntry[]): void => {
    const before = wanted;
    wanted = models;
    // In a moment, since at the first list the manager is still being made.
    queueMicrotask(() => setLabels(manager, before, models));
  };
  await using manager = createManager(
    {
      [options.models.kind === "one" ? "model_base_path" : "model_config_file"]: configuredSource(
        models$,
        (model) => modelSource(model, options, warn),
        { onFollowed, onWarning: warn },
      ).pipe(loadWith(toLoader)),
    },
    {
      loadConcurrency: options.loadConcurrency,
      retry: { attempts: options.retryAttempts, maxDelayMs: options.retryIntervalMs },
      onError: (error) => warn(error.message),
    },
  );
  const bars = progressLines();
  manager.events$.subscribe((event) => {
    const line = barOf(event, bars) ?? narrate(event);
    if (line !== undefined && line.text !== "") err(line.trouble ? `error: ${line.text}` : line.text);
  });
  const { port, host } = options;
  const server = await listen(manager, { port, host, timeoutMs, cors, metrics: path === undefined ? false : { path } });
  const urlOf = (name: string): string => `${server.url}/v1/models/${encodeURIComponent(name)}`;
  announce(manager, { names: () => wanted.map(({ name }) => name), urlOf, out, err });
  await stopped;
  err("stopping: finishing the requests that were accepted");
  await server.close();
}

/** Progress in bytes as a bar, of which not every step is told. */
function barOf(event: ManagerEvent, bars: ReturnType<typeof progressLines>): ReturnType<typeof narrate> {
  if (event.type !== "load-progressed" || event.progress.unit !== "bytes") return undefined;
  return { text: bars(formatId(event.id), event.progress) ?? "", trouble: false };
}

/** Moves labels as a config file has them. */
function setLabels(
  manager: Pick<Manager, "setLabel" | "removeLabel">,
  before: readonly ModelEntry[],
  after: readonly ModelEntry[],
): void {
  for (const { name, labels } of after) for (const [label, version] of labels) manager.setLabel(name, label, version);
  for (const { name, labels } of before) {
    const now = after.find((model) => model.name === name)?.labels;
    for (const label of labels.keys()) if (now?.has(label) !== true) manager.removeLabel(name, label);
  }
}

interface Announcement {
  /** The models that are to be served. */
  readonly names: () => readonly string[];
  readonly urlOf: (name: string) => string;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Says once of each model that it serves; until then, what it waits for. */
function announce(manager: Manager, { names, urlOf, out, err }: Announcement): void {
  const announced = new Set<string>();
  const waiting = new Map<string, string>();
  manager.states$.subscribe(({ models }) => {
    for (const name of announced) if (!names().includes(name)) announced.delete(name);
    for (const { name, versions, skipped } of models) {
      if (announced.has(name) || !names().includes(name)) continue;
      const version = versions.find(({ state }) => state === "AVAILABLE")?.id.version;
      if (version !== undefined) {
        announced.add(name);
        out(`serving ${name} version ${version} at ${urlOf(name)}`);
      } else if (versions.length === 0) {
        const reasons = skipped.map(({ entry, reason }) => `  skipped "${entry}": ${reason}`);
        const text = [`waiting: ${name} has no available version`, ...reasons].join("\n");
        if (waiting.get(name) === text) continue;
        waiting.set(name, text);
        err(text);
      }
    }
  });
}
