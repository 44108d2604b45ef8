import type { ParsedFlags } from "./parse-flags.js";
import { UsageError } from "./usage-error.js";

/** What to serve, and how; made of flags. */
export interface ServeOptions {
  readonly modelName: string;
  readonly modelBasePath: string;
  readonly port: number;
  readonly host: string;
  readonly pollMs: number;
  readonly loadConcurrency: number;
  readonly retryAttempts: number;
  readonly retryIntervalMs: number;
  readonly tags: readonly string[];
}

/**
 * Gives flags their meaning and their defaults.
 * @throws UsageError if one is missing or out of its range
 */
export function serveOptions({ values }: ParsedFlags): ServeOptions {
  const modelBasePath = values.model_base_path ?? "";
  if (modelBasePath === "") {
    throw new UsageError("--model_base_path is missing: the folder that holds one numbered folder per version");
  }
  const modelName = values.model_name ?? "default";
  if (modelName === "") throw new UsageError("--model_name must not be empty");
  const engine = values.engine ?? "portable";
  if (engine !== "portable") throw new UsageError(`--engine=${engine} is not there; this version has: portable`);
  const tags = (values.saved_model_tags ?? "serve").split(",").map((tag) => tag.trim());
  if (tags.includes("")) throw new UsageError(`--saved_model_tags="${values.saved_model_tags}" has an empty tag`);
  return {
    modelName,
    modelBasePath,
    port: numberIn("rest_api_port", values.rest_api_port ?? "8501", [0, 65_535]),
    host: values.host ?? "127.0.0.1",
    pollMs: numberIn("file_system_poll_wait_seconds", values.file_system_poll_wait_seconds ?? "1", [0, 86_400]) * 1_000,
    loadConcurrency: Math.max(1, numberIn("num_load_threads", values.num_load_threads ?? "0", [0, 1_024])),
    retryAttempts: numberIn("max_num_load_retries", values.max_num_load_retries ?? "5", [0, 1_000_000]),
    // TensorFlow Serving takes a negative interval for none.
    retryIntervalMs: Math.max(0, Number(values.load_retry_interval_micros ?? "60000000") / 1_000),
    tags,
  };
}

function numberIn(flag: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag} must be from ${least} to ${most}, got ${text}`);
}
