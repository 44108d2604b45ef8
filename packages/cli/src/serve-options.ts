import { latest } from "@servable/core";
import type { SavedModelOptions, WarmUpOptions } from "@servable/loader-tf";
import type { BatchingChoice } from "./batched-loader.js";
import type { ModelEntry } from "./model-config.js";
import type { ParsedFlags } from "./parse-flags.js";
import { type SessionConfig, sessionFlags } from "./session-config.js";
import { UsageError } from "./usage-error.js";

/** What to serve, and how; made of flags. */
export interface ServeOptions {
  readonly models: ModelsChoice;
  readonly port: number;
  readonly host: string;
  /** Between looks at base paths; undefined for what suits the kind of path. */
  readonly pollMs: number | undefined;
  readonly cacheFolder: string | undefined;
  readonly cacheMaxBytes: number | undefined;
  readonly loadConcurrency: number;
  readonly retryAttempts: number;
  readonly retryIntervalMs: number;
  readonly engine: NonNullable<SavedModelOptions["engine"]>;
  /** What the flags say of TensorFlow's sessions. */
  readonly session: SessionConfig;
  /** The ConfigProto that says what the flags do not. */
  readonly sessionConfigFile: string | undefined;
  readonly tags: readonly string[];
  readonly warmUp: boolean | WarmUpOptions;
  readonly batching: BatchingChoice;
  readonly rest: RestOptions;
}

/** How the REST API answers. */
export interface RestOptions {
  readonly timeoutMs: number | undefined;
  readonly cors: boolean;
  /** The file that says whether there are metrics, and where. */
  readonly monitoringFile: string | undefined;
}

/** Which models: the one of a base path, or those of a config file. */
export type ModelsChoice =
  | { readonly kind: "one"; readonly model: ModelEntry }
  | { readonly kind: "file"; readonly file: string; readonly pollMs: number };

/**
 * Gives flags their meaning and their defaults.
 * @throws UsageError if one is missing or out of its range
 */
export function serveOptions({ values }: ParsedFlags): ServeOptions {
  const tags = (values.saved_model_tags ?? "serve").split(",").map((tag) => tag.trim());
  if (tags.includes("")) throw new UsageError(`--saved_model_tags="${values.saved_model_tags}" has an empty tag`);
  return {
    models: modelsChoice(values),
    port: numberIn("rest_api_port", values.rest_api_port ?? "8501", [0, 65_535]),
    host: values.host ?? "127.0.0.1",
    pollMs: secondsOf("file_system_poll_wait_seconds", values.file_system_poll_wait_seconds),
    cacheFolder: values.cache_path,
    cacheMaxBytes:
      values.cache_max_bytes === undefined
        ? undefined
        : numberIn("cache_max_bytes", values.cache_max_bytes, [1, Number.MAX_SAFE_INTEGER]),
    loadConcurrency: Math.max(1, numberIn("num_load_threads", values.num_load_threads ?? "0", [0, 1_024])),
    retryAttempts: numberIn("max_num_load_retries", values.max_num_load_retries ?? "5", [0, 1_000_000]),
    // TensorFlow Serving takes a negative interval for none.
    retryIntervalMs: Math.max(0, Number(values.load_retry_interval_micros ?? "60000000") / 1_000),
    engine: engineOf(values.engine ?? "auto"),
    session: sessionFlags(values),
    sessionConfigFile: values.tensorflow_session_config_file || undefined,
    tags,
    warmUp: warmUpOf(values),
    batching: batchingChoice(values),
    rest: restOptions(values),
  };
}

function restOptions(values: ParsedFlags["values"]): RestOptions {
  const timeoutMs = numberIn("rest_api_timeout_in_ms", values.rest_api_timeout_in_ms ?? "30000", [
    Number.NEGATIVE_INFINITY,
    2 ** 31 - 1,
  ]);
  const { monitoring_config_file: file = "" } = values;
  return {
    timeoutMs: timeoutMs > 0 ? timeoutMs : undefined,
    cors: values.rest_api_enable_cors_support === "true",
    monitoringFile: file === "" ? undefined : file,
  };
}

const ENGINES: readonly ServeOptions["engine"][] = ["portable", "native", "tfjs-node", "auto"];

function engineOf(name: string): ServeOptions["engine"] {
  const engine = ENGINES.find((each) => each === name);
  if (engine !== undefined) return engine;
  throw new UsageError(`--engine=${name} is not there; this version has: ${ENGINES.join(", ")}`);
}

/** As in TensorFlow Serving no positive number of iterations means one. */
function warmUpOf(values: ParsedFlags["values"]): boolean | WarmUpOptions {
  const iterations = Number(values.num_request_iterations_for_warmup ?? "0");
  if (values.enable_model_warmup === "false") return false;
  return iterations > 0 ? { numRequestIterations: iterations } : true;
}

/** @throws UsageError for a parameters file without batching */
function batchingChoice(values: ParsedFlags["values"]): BatchingChoice {
  const { batching_parameters_file: file = "", enable_per_model_batching_parameters: perModel } = values;
  if (values.enable_batching === "true")
    return { kind: "on", file: file === "" ? undefined : file, perModel: perModel === "true" };
  if (file === "") return { kind: "off" };
  throw new UsageError("--batching_parameters_file is set without --enable_batching; set both");
}

/** @throws UsageError if there is neither a base path nor a config file */
function modelsChoice(values: ParsedFlags["values"]): ModelsChoice {
  const { model_config_file: file = "", model_base_path: basePath = "", model_name: name = "default" } = values;
  if (file !== "") {
    const pollMs = secondsOf("model_config_file_poll_wait_seconds", values.model_config_file_poll_wait_seconds) ?? 0;
    return { kind: "file", file, pollMs };
  }
  if (basePath === "") {
    throw new UsageError("--model_base_path is missing: the folder that holds one numbered folder per version");
  }
  if (name === "") throw new UsageError("--model_name must not be empty");
  return { kind: "one", model: { name, basePath, versions: latest(), labels: new Map() } };
}

function secondsOf(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberIn(flag, text, [0, 86_400]) * 1_000;
}

function numberIn(flag: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag} must be from ${least} to ${most}, got ${text}`);
}
