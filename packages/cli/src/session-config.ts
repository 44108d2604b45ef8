import type { NativeOptions } from "@servable/loader-tf";
import type { ParsedFlags } from "./parse-flags.js";
import { readFlagFile } from "./read-flag-file.js";
import { checkFields, messagesOf, parseMessage, textOf, type Wrong, wordOf } from "./text-fields.js";
import type { TextMessage } from "./text-proto.js";
import { UsageError } from "./usage-error.js";

/** How TensorFlow is to run models, as flags or a file say it. */
export type SessionConfig = Omit<NativeOptions, "library" | "maxCallsInFlight" | "halves">;

/**
 * What the flags say of TensorFlow's sessions; 0 leaves a number to the engine.
 * @throws UsageError for a value that is out of range, or three numbers of threads that exclude each other
 */
export function sessionFlags(values: ParsedFlags["values"]): SessionConfig {
  const threads = (flag: ThreadsFlag): number | undefined => {
    const text = values[flag] ?? "0";
    const value = Number(text);
    if (value < 0 || value > MAX_THREADS)
      throw new UsageError(`--${flag} must be from 0 to ${MAX_THREADS}, got ${text}`);
    return value === 0 ? undefined : value;
  };
  const both = threads("tensorflow_session_parallelism");
  const intra = threads("tensorflow_intra_op_parallelism");
  const inter = threads("tensorflow_inter_op_parallelism");
  if (both !== undefined && intra !== undefined && inter !== undefined) {
    throw new UsageError(
      "set either --tensorflow_session_parallelism, or --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism",
    );
  }
  const isCompiled = values.xla_cpu_compilation_enabled === "true" || values.xla_gpu_compilation_enabled === "true";
  const share = values.per_process_gpu_memory_fraction ?? "0";
  const memoryFraction = Number(share === "" ? Number.NaN : share);
  if (!(memoryFraction >= 0 && memoryFraction <= 1)) {
    throw new UsageError(`--per_process_gpu_memory_fraction must be from 0 to 1, got ${share}`);
  }
  return defined({
    intraOpThreads: both ?? intra,
    interOpThreads: both ?? inter,
    xlaLevel: isCompiled ? 1 : undefined,
    gpu: memoryFraction > 0 ? { memoryFraction } : undefined,
  });
}

type ThreadsFlag =
  | "tensorflow_session_parallelism"
  | "tensorflow_intra_op_parallelism"
  | "tensorflow_inter_op_parallelism";

/** What flags and the file that they name say together; flags win. */
export async function sessionConfig({ session, sessionConfigFile: file }: SessionChoice): Promise<SessionConfig> {
  if (file === undefined) return session;
  const said = parseSessionConfig(await readFlagFile("tensorflow_session_config_file", file), file);
  return defined({ ...said, ...session, gpu: (said.gpu || session.gpu) && { ...said.gpu, ...session.gpu } });
}

interface SessionChoice {
  readonly session: SessionConfig;
  readonly sessionConfigFile: string | undefined;
}

/** More threads than any machine has use for. */
const MAX_THREADS = 1_024;

/**
 * Reads a ConfigProto in protobuf's text format, as `--tensorflow_session_config_file` names it.
 * @throws UsageError, naming `place`, for a field that has no effect here, or what is out of range
 */
export function parseSessionConfig(text: string, place: string): SessionConfig {
  const wrong: Wrong = (problem) => new UsageError(`${place}: ${problem}`);
  const message = parseMessage(text, wrong);
  checkFields(message, { of: "ConfigProto", known: CONFIG_FIELDS, wrong });
  const [gpu] = messagesOf(message, "gpu_options", wrong).slice(-1);
  const soft = wordOf(message, "allow_soft_placement", wrong);
  const inter = integerIn(message, "inter_op_parallelism_threads", wrong);
  return defined({
    intraOpThreads: positive(integerIn(message, "intra_op_parallelism_threads", wrong)),
    // Negative is the caller's thread, which is 0 here; 0 leaves it to the engine.
    interOpThreads: inter === 0 ? undefined : inter && Math.max(inter, 0),
    softPlacement: soft === undefined ? undefined : flagOf(soft, "allow_soft_placement", wrong),
    xlaLevel: xlaLevelIn(message, wrong),
    gpu: gpu && gpuOptions(gpu, wrong),
  });
}

const CONFIG_FIELDS = [
  "intra_op_parallelism_threads",
  "inter_op_parallelism_threads",
  "allow_soft_placement",
  "gpu_options",
  "graph_options",
];

const JIT_LEVELS: Readonly<Record<string, 0 | 1 | 2 | undefined>> = {
  DEFAULT: undefined,
  "0": undefined,
  OFF: 0,
  "-1": 0,
  ON_1: 1,
  "1": 1,
  ON_2: 2,
  "2": 2,
};

function xlaLevelIn(message: TextMessage, wrong: Wrong): 0 | 1 | 2 | undefined {
  const [graph] = messagesOf(message, "graph_options", wrong).slice(-1);
  if (graph === undefined) return undefined;
  checkFields(graph, { of: "graph_options", known: ["optimizer_options"], wrong });
  const [optimizer] = messagesOf(graph, "optimizer_options", wrong).slice(-1);
  if (optimizer === undefined) return undefined;
  checkFields(optimizer, { of: "optimizer_options", known: ["global_jit_level"], wrong });
  const level = wordOf(optimizer, "global_jit_level", wrong) ?? "DEFAULT";
  if (Object.hasOwn(JIT_LEVELS, level)) return JIT_LEVELS[level];
  throw wrong(`global_jit_level must be one of ${Object.keys(JIT_LEVELS).join(", ")}, got ${level}`);
}

function gpuOptions(message: TextMessage, wrong: Wrong): SessionConfig["gpu"] {
  const known = ["per_process_gpu_memory_fraction", "allow_growth", "visible_device_list"];
  checkFields(message, { of: "gpu_options", known, wrong });
  const share = Number(wordOf(message, "per_process_gpu_memory_fraction", wrong) ?? "0");
  if (!(share >= 0 && share <= 1)) throw wrong("per_process_gpu_memory_fraction must be from 0 to 1");
  const growth = wordOf(message, "allow_growth", wrong);
  const list = textOf(message, "visible_device_list", wrong) ?? "";
  if (!/^(-1|\d+(,\d+)*)?$/.test(list)) throw wrong(`visible_device_list must be numbers, got "${list}"`);
  return {
    ...(share > 0 && { memoryFraction: share }),
    ...(growth !== undefined && { allowGrowth: flagOf(growth, "allow_growth", wrong) }),
    ...(list !== "" && { visibleDevices: list === "-1" ? [] : list.split(",").map(Number) }),
  };
}

function integerIn(message: TextMessage, field: string, wrong: Wrong): number | undefined {
  const word = wordOf(message, field, wrong);
  if (word === undefined) return undefined;
  if (/^-?\d+$/.test(word) && Number(word) <= MAX_THREADS) return Number(word);
  throw wrong(`${field} must be an integer up to ${MAX_THREADS}, got ${word}`);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function flagOf(word: string, field: string, wrong: Wrong): boolean {
  if (["true", "True", "t", "1"].includes(word)) return true;
  if (["false", "False", "f", "0"].includes(word)) return false;
  throw wrong(`${field} must be true or false, got ${word}`);
}

/** Without the fields that are undefined. */
function defined(config: { readonly [K in keyof SessionConfig]: SessionConfig[K] | undefined }): SessionConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
