import { parseArgs } from "node:util";
import { UsageError } from "../usage-error.js";

/** What `servable doctor` is to look at. */
export interface DoctorWords {
  /** A SavedModel, or the folder of its versions, to try on each engine. */
  readonly path: string | undefined;
  /** The library to take, as by the option `native.library`. */
  readonly library: string | undefined;
  readonly tags: readonly string[];
  /** Whether to print one JSON object instead of a text. */
  readonly json: boolean;
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  library: { type: "string" },
  saved_model_tags: { type: "string", default: "serve" },
} as const;

/**
 * Reads the words after `servable doctor`.
 * @throws UsageError for words that cannot be followed
 */
export function parseDoctorWords(words: readonly string[]): DoctorWords {
  const { positionals, values } = parsed(words);
  const [path, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError("doctor takes one path at most: servable doctor [./models/mnist/1]");
  const tags = values.saved_model_tags.split(",").map((tag) => tag.trim());
  return { path, library: values.library, tags, json: values.json };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`doctor: ${error instanceof Error ? error.message : String(error)}`);
  }
}
