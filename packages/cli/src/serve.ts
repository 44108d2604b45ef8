import { createManager, latest, loadWith, type Manager } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";
import { narrate } from "./narrate.js";
import type { CliPorts } from "./run-cli.js";
import type { ServeOptions } from "./serve-options.js";

/** Serves until stopped; then drains and closes. A second request to stop ends the wait for what is still held. */
export async function serve(options: ServeOptions, { out, err, onStop }: CliPorts): Promise<void> {
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  const warn = (warning: string): void => err(`warning: ${warning}`);
  await using manager = createManager(
    {
      model_base_path: fsSource({
        name: options.modelName,
        path: options.modelBasePath,
        versions: latest(),
        pollMs: options.pollMs,
        onWarning: warn,
      }).pipe(loadWith(savedModel({ tags: options.tags }))),
    },
    {
      loadConcurrency: options.loadConcurrency,
      retry: { attempts: options.retryAttempts, maxDelayMs: options.retryIntervalMs },
      onError: (error) => warn(error.message),
    },
  );
  manager.events$.subscribe((event) => {
    const line = narrate(event);
    if (line !== undefined) err(line.trouble ? `error: ${line.text}` : line.text);
  });
  const server = await listen(manager, { port: options.port, host: options.host });
  announce(manager, { url: `${server.url}/v1/models/${encodeURIComponent(options.modelName)}`, out, err });
  await stopped;
  err("stopping: finishing the requests that were accepted");
  await server.close();
}

interface Announcement {
  readonly url: string;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Says once that the model serves; until then, what it waits for. */
function announce(manager: Manager, { url, out, err }: Announcement): void {
  let waitingFor = "";
  const states = manager.states$.subscribe(({ ready, waitingFor: missing, models }) => {
    if (ready) {
      const version = models[0]?.versions.find(({ state }) => state === "AVAILABLE")?.id.version;
      out(`serving ${models[0]?.name} version ${version} at ${url}`);
      queueMicrotask(() => states.unsubscribe());
    } else if (models.length > 0 && models[0]?.versions.length === 0 && missing.join() !== waitingFor) {
      waitingFor = missing.join();
      err(`waiting: ${missing.join("; ")}`);
      for (const { entry, reason } of models[0].skipped) err(`  skipped "${entry}": ${reason}`);
    }
  });
}
