import type { MetricFamily } from "./metric-family.js";

/** What we need of a user's registry; prom-client's `Registry` is one. */
export interface MetricsRegistry {
  // By its types prom-client's takes its own classes alone; it reads no more of them than a RegisteredMetric has.
  registerMetric(metric: never): void;
}

/** A metric as a registry reads it when it is asked for its page. */
export interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricFamily["type"];
  get(): Promise<MetricReading>;
}

/** A metric's values at one moment. */
export interface MetricReading {
  readonly name: string;
  readonly help: string;
  readonly type: MetricFamily["type"];
  readonly aggregator: "sum";
  readonly values: readonly {
    readonly metricName: string;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
  }[];
}

/** Puts families into a registry; what it throws, for a name that it has already say, comes out. */
export function register(families: readonly MetricFamily[], registry: MetricsRegistry): void {
  for (const family of families) {
    const { name, help, type } = family;
    const values = (): MetricReading["values"] =>
      family.samples().map(({ suffix = "", labels, value }) => ({ metricName: `${name}${suffix}`, labels, value }));
    const get = async (): Promise<MetricReading> => ({ name, help, type, aggregator: "sum", values: values() });
    const metric: RegisteredMetric = { name, help, type, get };
    registry.registerMetric(metric as never);
  }
}
