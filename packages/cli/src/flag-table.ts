/** What kind of value a flag takes. */
export type FlagKind = "text" | "integer" | "boolean";

/** A flag of tensorflow_model_server or of ours. */
export interface FlagSpec {
  readonly kind: FlagKind;
  /** One line for `--help`; absent for a flag of TensorFlow Serving's that has no effect here yet. */
  readonly help?: string;
}

const integer: FlagSpec = { kind: "integer" };
const text: FlagSpec = { kind: "text" };
const boolean: FlagSpec = { kind: "boolean" };

/** The flags that have an effect. */
export const SUPPORTED: Readonly<Record<SupportedFlag, FlagSpec>> = {
  model_name: { kind: "text", help: "name of the model in URLs (default: default)" },
  model_base_path: {
    kind: "text",
    help: "folder, or s3://bucket/prefix, that holds one numbered folder per version (this or a config file is required)",
  },
  model_config_file: { kind: "text", help: "ModelServerConfig in text format: several models, policies, labels" },
  model_config_file_poll_wait_seconds: {
    kind: "integer",
    help: "pause between looks at the config file; 0 reads it once (default: 0)",
  },
  rest_api_timeout_in_ms: {
    kind: "integer",
    help: "longest time of a call, its wait for a load or a batch included; 0 means no limit (default: 30000)",
  },
  rest_api_enable_cors_support: { kind: "boolean", help: "let pages of all origins read the answers" },
  monitoring_config_file: { kind: "text", help: "MonitoringConfig in text format: metrics for Prometheus" },
  rest_api_port: { kind: "integer", help: "port of the REST API; 0 takes a free one (default: 8501)" },
  host: { kind: "text", help: "address to listen on; ours, TensorFlow Serving listens on all (default: 127.0.0.1)" },
  engine: {
    kind: "text",
    help: "what runs the models: portable, native, tfjs-node, or auto: native if it is there, else tfjs-node, else portable (default: auto)",
  },
  tensorflow_session_parallelism: {
    kind: "integer",
    help: "threads within and across operations of native models; 0 leaves it to the engine (default: 0)",
  },
  tensorflow_intra_op_parallelism: { kind: "integer", help: "threads within an operation (default: 0)" },
  tensorflow_inter_op_parallelism: { kind: "integer", help: "threads across operations (default: 0)" },
  tensorflow_session_config_file: { kind: "text", help: "ConfigProto in text format; other flags win over it" },
  per_process_gpu_memory_fraction: {
    kind: "text",
    help: "share of a GPU's memory that TensorFlow may take; 0 leaves it to TensorFlow (default: 0)",
  },
  xla_cpu_compilation_enabled: { kind: "boolean", help: "compile native models with XLA (default: false)" },
  xla_gpu_compilation_enabled: { kind: "boolean", help: "the same; XLA takes the device that is there" },
  file_system_poll_wait_seconds: {
    kind: "integer",
    help: "pause between looks at a base path; 0 looks once (default: 1; up to 60 for s3://)",
  },
  cache_path: { kind: "text", help: "folder for what is fetched from s3://; ours (default: ~/.cache/servable)" },
  cache_max_bytes: { kind: "integer", help: "bytes that it may take; ours (default: 53687091200)" },
  enable_model_warmup: {
    kind: "boolean",
    help: "replay assets.extra/tf_serving_warmup_requests before a version is available (default: true)",
  },
  num_request_iterations_for_warmup: { kind: "integer", help: "runs of each of those requests (default: 1)" },
  enable_batching: { kind: "boolean", help: "run requests that meet together; adaptive without a time-out" },
  batching_parameters_file: { kind: "text", help: "BatchingParameters in text format; needs --enable_batching" },
  enable_per_model_batching_parameters: {
    kind: "boolean",
    help: "read batching_params.pbtxt in each version's folder instead; a version without one is not batched",
  },
  max_num_load_retries: { kind: "integer", help: "further attempts at a failed load (default: 5)" },
  load_retry_interval_micros: { kind: "integer", help: "longest pause between attempts (default: 60000000)" },
  num_load_threads: { kind: "integer", help: "loads that may run at once; 0 means 1 (default: 0)" },
  saved_model_tags: { kind: "text", help: "comma-separated tags of the graph to serve (default: serve)" },
  version: { kind: "boolean", help: "print the version and exit" },
  help: { kind: "boolean", help: "print this and exit" },
};

/** A flag that has an effect. */
export type SupportedFlag =
  | "model_name"
  | "model_base_path"
  | "model_config_file"
  | "model_config_file_poll_wait_seconds"
  | "cache_path"
  | "cache_max_bytes"
  | "rest_api_port"
  | "rest_api_timeout_in_ms"
  | "rest_api_enable_cors_support"
  | "monitoring_config_file"
  | "host"
  | "engine"
  | "tensorflow_session_parallelism"
  | "tensorflow_session_config_file"
  | "tensorflow_intra_op_parallelism"
  | "tensorflow_inter_op_parallelism"
  | "per_process_gpu_memory_fraction"
  | "xla_cpu_compilation_enabled"
  | "xla_gpu_compilation_enabled"
  | "file_system_poll_wait_seconds"
  | "enable_model_warmup"
  | "num_request_iterations_for_warmup"
  | "enable_batching"
  | "batching_parameters_file"
  | "enable_per_model_batching_parameters"
  | "max_num_load_retries"
  | "load_retry_interval_micros"
  | "num_load_threads"
  | "saved_model_tags"
  | "version"
  | "help";

/** The flags of TensorFlow Serving that are taken with a warning and have no effect yet. */
export const KNOWN: Readonly<Record<string, FlagSpec>> = {
  port: integer,
  grpc_socket_path: text,
  rest_api_num_threads: integer,
  allow_version_labels_for_unavailable_models: boolean,
  num_unload_threads: integer,
  flush_filesystem_caches: boolean,
  use_alts_credentials: boolean,
  ssl_config_file: text,
  platform_config_file: text,
  grpc_channel_arguments: text,
  grpc_max_threads: integer,
  remove_unused_fields_from_bundle_metagraph: boolean,
  prefer_tflite_model: boolean,
  num_tflite_pools: integer,
  num_tflite_interpreters_per_pool: integer,
  enable_signature_method_name_check: boolean,
  enable_profiler: boolean,
  thread_pool_factory_config_file: text,
  mixed_precision: text,
  skip_initialize_tpu: boolean,
  enable_grpc_healthcheck_service: boolean,
  enable_serialization_as_tensor_content: boolean,
};
