export { createHttpHandler } from "./create-http-handler.js";
export type { NonFinite } from "./json/write/write-elements.js";
export type { MetricFamily, MetricSample } from "./metrics/metric-family.js";
export type { MetricReading, MetricsRegistry, RegisteredMetric } from "./metrics/metrics-registry.js";
export type { AccessEntry, Authorize, HttpOptions, MetricsOptions, RequestHead, Verdict } from "./options.js";
export type { Phase } from "./request-record.js";
