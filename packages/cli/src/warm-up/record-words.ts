import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MAX_WARM_UP_RECORDS, WARM_UP_FILE } from "@servable/saved-model";
import { UsageError } from "../usage-error.js";

/** What `servable warmup record` is to do. */
export interface RecordWords {
  /** The folder of the model's version. */
  readonly folder: string;
  readonly output: string;
  readonly tags: readonly string[];
  readonly maxRecords: number;
  /** The part of the requests to keep, above 0 and at most 1. */
  readonly samplingRate: number;
  readonly from: RequestOrigin;
}

/** Where requests come from: a file of bodies, or the clients of a server. */
export type RequestOrigin =
  | { readonly kind: "log"; readonly path: string }
  | {
      readonly kind: "server";
      readonly url: URL;
      readonly host: string;
      readonly port: number;
      /** Only requests for this model are recorded. */
      readonly model: string;
    };

const OPTIONS = {
  log: { type: "string" },
  server: { type: "string" },
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "8502" },
  model_name: { type: "string" },
  max_records: { type: "string", default: "100" },
  sampling_rate: { type: "string", default: "1" },
  saved_model_tags: { type: "string", default: "serve" },
  output: { type: "string" },
} as const;

/**
 * Reads the words after `servable warmup record`.
 * @throws UsageError for words that cannot be followed
 */
export function parseRecordWords(words: readonly string[]): RecordWords {
  const { positionals, values } = parsed(words);
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) {
    throw new UsageError("warmup record needs one folder, of a version: servable warmup record ./models/mnist/3 …");
  }
  return {
    folder,
    output: values.output ?? join(folder, WARM_UP_FILE),
    tags: values.saved_model_tags.split(",").map((tag) => tag.trim()),
    maxRecords: numberOf(
      "max_records",
      values.max_records,
      (value) => Number.isInteger(value) && value > 0 && value <= MAX_WARM_UP_RECORDS,
    ),
    samplingRate: numberOf("sampling_rate", values.sampling_rate, (value) => value > 0 && value <= 1),
    from: originOf(values, folder),
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`warmup record: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function originOf(values: ReturnType<typeof parsed>["values"], folder: string): RequestOrigin {
  const { log, server, host, port, model_name: model = basename(dirname(resolve(folder))) } = values;
  if ((log === undefined) === (server === undefined)) {
    throw new UsageError(
      "warmup record needs either --log=FILE, of JSON bodies, or --server=URL to record in front of",
    );
  }
  if (log !== undefined) return { kind: "log", path: log };
  const isPort = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;
  return { kind: "server", url: addressOf(server ?? ""), host, port: numberOf("port", port, isPort), model };
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new UsageError(`--server=${text} is no address; it should be like http://127.0.0.1:8501`);
}

function numberOf(flag: string, text: string, isRight: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() !== "" && isRight(value)) return value;
  throw new UsageError(`--${flag}=${text} is out of its range`);
}
