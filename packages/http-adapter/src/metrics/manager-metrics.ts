import type { Manager, ManagerEvent } from "@servable/core";
import type { MetricFamily, MetricSample } from "./metric-family.js";

const STATES = ["START", "LOADING", "AVAILABLE", "UNLOADING", "END"] as const;

/** What a manager does, in numbers: states now, loads since the start. */
export function managerMetrics(manager: Manager): readonly MetricFamily[] {
  const loads = new Map<string, LoadCounts>();
  manager.events$.subscribe((event) => countLoad(event, loads));
  const byModel = (value: (counts: LoadCounts) => number): MetricSample[] =>
    Array.from(loads, ([model, counts]) => ({ labels: { model }, value: value(counts) }));
  return [
    {
      name: "servable_ready",
      help: "1 if every source has spoken and every model has an available version, else 0.",
      type: "gauge",
      samples: () => [{ labels: {}, value: Number(manager.snapshot().ready) }],
    },
    {
      name: "servable_versions",
      help: "Versions by state.",
      type: "gauge",
      samples: () =>
        manager.snapshot().models.flatMap(({ name: model, versions }) =>
          STATES.map((state) => ({
            labels: { model, state },
            value: versions.filter((version) => version.state === state).length,
          })),
        ),
    },
    {
      name: "servable_version_state",
      help: "1 for the state that a version is in.",
      type: "gauge",
      samples: () =>
        manager
          .snapshot()
          .models.flatMap(({ versions }) =>
            versions.map(({ id, state }) => ({ labels: { model: id.name, version: id.version, state }, value: 1 })),
          ),
    },
    {
      name: "servable_memory_bytes",
      help: "Memory of loaded versions, as far as their loaders say.",
      type: "gauge",
      samples: () =>
        manager
          .snapshot()
          .models.flatMap(({ versions }) =>
            versions.flatMap(({ id, resources }) =>
              resources?.memoryBytes === undefined
                ? []
                : [{ labels: { model: id.name, version: id.version }, value: resources.memoryBytes }],
            ),
          ),
    },
    {
      name: "servable_loads_total",
      help: "Attempts to load a version by outcome.",
      type: "counter",
      samples: () =>
        Array.from(loads).flatMap(([model, { succeeded, failed }]) => [
          { labels: { model, outcome: "ok" }, value: succeeded },
          { labels: { model, outcome: "failed" }, value: failed },
        ]),
    },
    {
      name: "servable_load_seconds_total",
      help: "Time that successful loads took.",
      type: "counter",
      samples: () => byModel(({ seconds }) => seconds),
    },
    {
      name: "servable_downloaded_bytes_total",
      help: "Bytes that loads have downloaded from stores; what a cache holds already is not downloaded.",
      type: "counter",
      samples: () => byModel(({ downloadedBytes }) => downloadedBytes),
    },
  ];
}

interface LoadCounts {
  succeeded: number;
  failed: number;
  seconds: number;
  downloadedBytes: number;
  /** How far the present load of each version has come. */
  readonly progress: Map<number, number>;
}

function countLoad(event: ManagerEvent, loads: Map<string, LoadCounts>): void {
  if (!("id" in event)) return;
  const { name, version } = event.id;
  const counts = loads.get(name) ?? { succeeded: 0, failed: 0, seconds: 0, downloadedBytes: 0, progress: new Map() };
  loads.set(name, counts);
  switch (event.type) {
    case "version-available":
      counts.succeeded++;
      counts.seconds += event.durationMs / 1_000;
      break;
    case "load-failed":
      counts.failed++;
      break;
    case "version-ended":
      if (event.error !== undefined && event.error.code !== "CANCELLED") counts.failed++;
      counts.progress.delete(version);
      break;
    case "load-progressed": {
      const { done, unit } = event.progress;
      if (unit !== "bytes" || done === undefined) break;
      counts.downloadedBytes += Math.max(0, done - (counts.progress.get(version) ?? 0));
      counts.progress.set(version, done);
      break;
    }
    case "version-started":
    case "version-loading":
      counts.progress.delete(version);
      break;
    case "version-unloading":
    case "drain-overdue":
      break;
  }
}
