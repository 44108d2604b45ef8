import type { Manager } from "@servable/core";
import type { ResolvedMetricsOptions } from "../options.js";
import { managerMetrics } from "./manager-metrics.js";
import { type MetricFamily, metricsPage } from "./metric-family.js";
import { register } from "./metrics-registry.js";
import { type AnsweredRequest, requestMetrics } from "./request-metrics.js";

/** The metrics of one handler. */
export interface ServerMetrics {
  note(request: AnsweredRequest): void;
  readonly page: () => string;
}

/** What a handler watches beside its requests. */
export interface Watched {
  readonly manager: Manager;
  /** Calls under way. */
  readonly inFlight: () => number;
}

/** Makes {@link ServerMetrics}, and puts them into the user's registry, if there is one. */
export function serverMetrics({ manager, inFlight }: Watched, options: ResolvedMetricsOptions): ServerMetrics {
  const requests = requestMetrics();
  manager.events$.subscribe((event) => {
    if (event.type === "version-ended") requests.forget(event.id.name, event.id.version);
  });
  const underWay: MetricFamily = {
    name: "servable_calls_in_flight",
    help: "Calls under way.",
    type: "gauge",
    samples: () => [{ labels: {}, value: inFlight() }],
  };
  const families = [...requests.families, underWay, ...managerMetrics(manager), ...options.families];
  if (options.registry !== undefined) register(families, options.registry);
  return { note: (request) => requests.note(request), page: () => metricsPage(families) };
}
