import { PHASES, type Phase, type RequestRecord } from "../request-record.js";
import { LatencyHistogram } from "./histogram.js";
import type { MetricFamily, MetricSample } from "./metric-family.js";

/** A request that has its answer. */
export interface AnsweredRequest {
  readonly record: RequestRecord;
  /** How it went, in TensorFlow Serving's words: `OK`, `NOT_FOUND` … */
  readonly outcome: string;
  readonly responseBytes: number;
}

/** Counts requests as they are answered. */
export interface RequestMetrics {
  readonly families: readonly MetricFamily[];
  note(request: AnsweredRequest): void;
  /** Forgets a version's latencies: it is gone. */
  forget(model: string, version: number): void;
}

/** TensorFlow Serving's names of calls, in `request_latency` and in `runtime_latency`. */
const APIS = { predict: "Predict", classify: "Classify", regress: "Regress" } as const;

type Api = keyof typeof APIS;

/** What is counted of one model's calls of one kind. */
class ApiLatencies {
  readonly whole: LatencyHistogram = new LatencyHistogram();
  readonly run: LatencyHistogram = new LatencyHistogram();
}

type PhaseLatencies = Readonly<Record<Phase, LatencyHistogram>>;

/** Makes {@link RequestMetrics}. Looking up where to count must cost nearly nothing: a map per level, no joined keys. */
export function requestMetrics(): RequestMetrics {
  const counts = new Levels<number>();
  const apis = new Levels<ApiLatencies>();
  const phases = new Map<string, Map<number, Map<string, PhaseLatencies>>>();
  const bytes = { request: new Map<string, number>(), response: new Map<string, number>() };

  const notePhases = ({ model = "", version, signature = "", phasesMs }: RequestRecord): void => {
    if (version === undefined) return;
    const versions = madeIn(phases, model, () => new Map<number, Map<string, PhaseLatencies>>());
    const signatures = madeIn(versions, version, () => new Map<string, PhaseLatencies>());
    const latencies = madeIn(signatures, signature, newPhases);
    for (const phase of PHASES) {
      const lasted = phasesMs[phase];
      if (lasted !== undefined) latencies[phase].observe(lasted * 1_000);
    }
  };

  return {
    note({ record, outcome: status, responseBytes }) {
      const { kind, model = "", startedMs, phasesMs, requestBytes } = record;
      const byStatus = counts.of(model);
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      if (requestBytes > 0) bytes.request.set(model, (bytes.request.get(model) ?? 0) + requestBytes);
      bytes.response.set(model, (bytes.response.get(model) ?? 0) + responseBytes);
      if (status !== "OK") return;
      const api = isApi(kind) ? kind : "";
      const latencies = madeIn(apis.of(model), api, () => new ApiLatencies());
      latencies.whole.observe((performance.now() - startedMs) * 1_000);
      if (api === "") return;
      if (phasesMs.run !== undefined) latencies.run.observe(phasesMs.run * 1_000);
      notePhases(record);
    },
    forget(model, version) {
      phases.get(model)?.delete(version);
    },
    families: [
      {
        name: ":tensorflow:serving:request_count",
        help: "Requests by model and outcome.",
        type: "counter",
        samples: () => counts.map((model_name, status, value) => [{ labels: { model_name, status }, value }]),
      },
      {
        name: ":tensorflow:serving:request_latency",
        help: "Time from the arrival of a request to its answer, of those that went well, in microseconds.",
        type: "histogram",
        samples: () => apis.map((model_name, API, { whole }) => whole.samples({ model_name, API, entrypoint: "REST" })),
      },
      {
        name: ":tensorflow:serving:runtime_latency",
        help: "Time that models took to run, in microseconds.",
        type: "histogram",
        samples: () =>
          apis.map((model_name, api, { run }) =>
            isApi(api) ? run.samples({ model_name, API: APIS[api], runtime: "TF1" }) : [],
          ),
      },
      {
        name: "servable_phase_seconds",
        help: "Time that each part of a call took: read, parse, queue, run, write.",
        type: "histogram",
        samples: () => [...phases].flatMap(([model, versions]) => phaseSamples(model, versions)),
      },
      bytesFamily("request", bytes.request),
      bytesFamily("response", bytes.response),
    ],
  };
}

/** Values by two labels. */
class Levels<T> {
  readonly #levels = new Map<string, Map<string, T>>();

  of(first: string): Map<string, T> {
    return madeIn(this.#levels, first, () => new Map<string, T>());
  }

  map<R>(each: (first: string, second: string, value: T) => readonly R[]): R[] {
    return [...this.#levels].flatMap(([first, level]) =>
      [...level].flatMap(([second, value]) => each(first, second, value)),
    );
  }
}

function madeIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function newPhases(): PhaseLatencies {
  const made = (): LatencyHistogram => new LatencyHistogram();
  return { read: made(), parse: made(), queue: made(), run: made(), write: made() };
}

function phaseSamples(
  model: string,
  versions: ReadonlyMap<number, ReadonlyMap<string, PhaseLatencies>>,
): MetricSample[] {
  return [...versions].flatMap(([version, signatures]) =>
    [...signatures].flatMap(([signature, latencies]) =>
      PHASES.flatMap((phase) => latencies[phase].samples({ model, version, signature, phase }, 1e-6)),
    ),
  );
}

function bytesFamily(which: "request" | "response", byModel: ReadonlyMap<string, number>): MetricFamily {
  return {
    name: `servable_${which}_bytes_total`,
    help: `Bytes of ${which} bodies.`,
    type: "counter",
    samples: () => Array.from(byModel, ([model, value]) => ({ labels: { model }, value })),
  };
}

function isApi(kind: string): kind is Api {
  return Object.hasOwn(APIS, kind);
}
