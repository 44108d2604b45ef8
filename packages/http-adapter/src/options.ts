import type { NonFinite } from "./json/write/write-elements.js";
import type { MetricFamily } from "./metrics/metric-family.js";
import type { MetricsRegistry } from "./metrics/metrics-registry.js";
import type { Codec } from "./packing/codec.js";
import { WEB_CODECS } from "./packing/web-codecs.js";
import type { Phase } from "./request-record.js";
import type { Route } from "./route.js";

/** Options of the handlers. */
export interface HttpOptions {
  /** What comes before `/v1` in paths, such as `/serving`. @defaultValue "" */
  readonly prefix?: string | undefined;
  /** The size of the largest body that is read; a larger one is answered with 413. @defaultValue 64 MiB */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How predictions that are not finite are written: as the tokens `NaN`, `Infinity` and `-Infinity`, as TensorFlow Serving
   * does though they are no JSON; as null; or, with `"error"`, the call is answered with 400. @defaultValue "token"
   */
  readonly nonFinite?: NonFinite | undefined;
  /**
   * Answers of more bytes are packed as the client's `accept-encoding` says: with gzip, or in node with brotli too.
   * TensorFlow Serving never does. @defaultValue never
   */
  readonly compressAboveBytes?: number | undefined;
  /**
   * How long a call may take from the end of its body on, its wait for a load or a batch included; then its signal
   * aborts and 504 is answered. @defaultValue no limit
   */
  readonly timeoutMs?: number | undefined;
  /** Calls that may be under way at once; more are answered with 429 and `Retry-After`. @defaultValue no limit */
  readonly maxInFlight?: number | undefined;
  /**
   * Lets pages of other origins read the answers: of all, as TensorFlow Serving does where that is switched on, or of
   * those listed, such as `https://app.example`. @defaultValue false
   */
  readonly cors?: boolean | readonly string[] | undefined;
  /** Asked about each request before its body is read. @defaultValue everything is allowed */
  readonly authorize?: Authorize | undefined;
  /** Serves metrics in Prometheus' format. @defaultValue false */
  readonly metrics?: boolean | MetricsOptions | undefined;
  /** Told of each request once its answer is known. @defaultValue nothing */
  readonly onAccess?: ((entry: AccessEntry) => void) | undefined;
  /** Told of each error that is answered with 500: a fault of a model or of this library. @defaultValue nothing */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Says whether a request may have its answer; one that throws is a fault of the app, and answered with 500. */
export type Authorize = (request: RequestHead) => Verdict | Promise<Verdict>;

/** `unauthenticated` is answered with 401, `forbidden` with 403. */
export type Verdict = "allowed" | "unauthenticated" | "forbidden";

/** What is known of a request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** As sent: percent-encoded, with its query if it has one. */
  readonly path: string;
  readonly kind: Route["kind"];
  /** Undefined for what is about no model in particular. */
  readonly model: string | undefined;
  /** A header's value by its name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** Options of {@link HttpOptions.metrics}. */
export interface MetricsOptions {
  /** The path of the page, after the prefix. @defaultValue "/monitoring/prometheus/metrics", TensorFlow Serving's */
  readonly path?: string | undefined;
  /** A registry that gets the same metrics, such as prom-client's. */
  readonly registry?: MetricsRegistry | undefined;
  /** Further metrics for the page. @defaultValue none */
  readonly families?: readonly MetricFamily[] | undefined;
}

/** One request, as an access log has it. */
export interface AccessEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Where it is about a model that there is. */
  readonly model?: string;
  /** The version that answered. */
  readonly version?: number;
  readonly signature?: string;
  /** Of bodies, as they were sent. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** How long each phase of a call took, as far as it came. */
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>;
}

/** {@link HttpOptions}, checked and with their defaults. */
export interface ResolvedHttpOptions {
  readonly prefix: string;
  readonly maxBodyBytes: number;
  readonly nonFinite: NonFinite;
  readonly compressAboveBytes: number | undefined;
  /** How bodies may be packed; those of the runtime. */
  readonly codecs: readonly Codec[];
  readonly timeoutMs: number | undefined;
  readonly maxInFlight: number;
  readonly cors: boolean | readonly string[];
  readonly authorize: Authorize | undefined;
  readonly metrics: ResolvedMetricsOptions | undefined;
  readonly onAccess: ((entry: AccessEntry) => void) | undefined;
  readonly onError: (error: unknown) => void;
}

/** {@link MetricsOptions} with their defaults. */
export interface ResolvedMetricsOptions {
  readonly path: string;
  readonly registry: MetricsRegistry | undefined;
  readonly families: readonly MetricFamily[];
}

const NON_FINITE: readonly NonFinite[] = ["token", "null", "error"];

/** Where TensorFlow Serving has its metrics. */
const METRICS_PATH = "/monitoring/prometheus/metrics";

/** A timer cannot be set to more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws RangeError for an option out of its range */
export function resolveHttpOptions(options: HttpOptions = {}): ResolvedHttpOptions {
  const { prefix = "", maxBodyBytes = 64 * 1_024 * 1_024, nonFinite = "token", onError = () => {} } = options;
  const {
    compressAboveBytes,
    timeoutMs,
    maxInFlight = Number.POSITIVE_INFINITY,
    cors = false,
    authorize,
    metrics,
    onAccess,
  } = options;
  if (prefix !== "" && !isPath(prefix)) {
    throw new RangeError(`prefix must begin with a slash and not end with one, got "${prefix}"`);
  }
  if (!Number.isSafeInteger(maxBodyBytes) || maxBodyBytes < 1) {
    throw new RangeError(`maxBodyBytes must be a positive integer, got ${maxBodyBytes}`);
  }
  if (!NON_FINITE.includes(nonFinite)) {
    throw new RangeError(`nonFinite must be one of ${NON_FINITE.join(", ")}, got ${nonFinite}`);
  }
  if (compressAboveBytes !== undefined && !(compressAboveBytes >= 0)) {
    throw new RangeError(`compressAboveBytes must not be negative, got ${compressAboveBytes}`);
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be positive and at most ${LONGEST_TIMEOUT_MS}, got ${timeoutMs}`);
  }
  if (!(maxInFlight >= 1)) throw new RangeError(`maxInFlight must be at least 1, got ${maxInFlight}`);
  const bodies = { maxBodyBytes, nonFinite, compressAboveBytes, codecs: WEB_CODECS };
  const resolved = { prefix, timeoutMs, maxInFlight, cors, authorize, onAccess, onError };
  return { ...bodies, ...resolved, metrics: resolveMetrics(metrics) };
}

function resolveMetrics(options: HttpOptions["metrics"] = false): ResolvedMetricsOptions | undefined {
  if (options === false) return undefined;
  const { path = METRICS_PATH, registry, families = [] } = options === true ? {} : options;
  if (!isPath(path)) throw new RangeError(`metrics.path must begin with a slash and not end with one, got "${path}"`);
  return { path, registry, families };
}

function isPath(text: string): boolean {
  return /^(\/[^/?#]+)+$/.test(text);
}
