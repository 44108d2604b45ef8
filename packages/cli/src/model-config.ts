import { all, exactly, latest, type VersionPolicy } from "@servable/core";
import { checkFields, messagesOf, parseMessage, textOf, type Where, type Wrong, wordOf } from "./text-fields.js";
import type { TextMessage, TextValue } from "./text-proto.js";
import { UsageError } from "./usage-error.js";

/** A model to be served. */
export interface ModelEntry {
  readonly name: string;
  /** A folder, or an address such as s3://bucket/prefix. */
  readonly basePath: string;
  readonly versions: VersionPolicy;
  /** Versions by label. */
  readonly labels: ReadonlyMap<string, number>;
}

/**
 * Reads a ModelServerConfig in protobuf's text format.
 * @throws UsageError if it is none, or says what is not possible here
 */
export function parseModelConfig(text: string, file: string): readonly ModelEntry[] {
  const wrong = (problem: string): UsageError => new UsageError(`--model_config_file=${file}: ${problem}`);
  const config = parseMessage(text, wrong);
  if (config.has("custom_model_config")) throw wrong("custom_model_config is not supported; use model_config_list");
  checkFields(config, { of: "the file", known: ["model_config_list"], wrong });
  const lists = messagesOf(config, "model_config_list", wrong);
  const models = lists.flatMap((list) => {
    checkFields(list, { of: "model_config_list", known: ["config"], wrong });
    return messagesOf(list, "config", wrong).map((each) => entryOf(each, wrong));
  });
  const twice = models.find(({ name }, index) => models.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw wrong(`the model ${twice.name} is listed twice`);
  return models;
}

const MODEL_FIELDS = [
  "name",
  "base_path",
  "model_platform",
  "model_type",
  "model_version_policy",
  "version_labels",
  "logging_config",
];

function entryOf(config: TextMessage, wrong: Wrong): ModelEntry {
  const name = textOf(config, "name", wrong) ?? "";
  const basePath = textOf(config, "base_path", wrong) ?? "";
  const of = name === "" ? "a model" : `the model ${name}`;
  checkFields(config, { of, known: MODEL_FIELDS, wrong });
  if (name === "") throw wrong("a model has no name");
  if (basePath === "") throw wrong(`${of} has no base_path`);
  const platform = textOf(config, "model_platform", wrong);
  const type = wordOf(config, "model_type", wrong);
  if ((platform ?? "tensorflow") !== "tensorflow")
    throw wrong(`${of}: model_platform must be "tensorflow", got "${platform}"`);
  if (!["TENSORFLOW", "1"].includes(type ?? "TENSORFLOW"))
    throw wrong(`${of}: model_type must be TENSORFLOW, got ${type}`);
  const policies = messagesOf(config, "model_version_policy", wrong);
  return {
    name,
    basePath,
    versions: policyOf(policies.at(-1), { of, wrong }),
    labels: labelsOf(config, { of, wrong }),
  };
}

function policyOf(policy: TextMessage | undefined, { of, wrong }: Where): VersionPolicy {
  if (policy === undefined) return latest();
  checkFields(policy, { of: `${of}: model_version_policy`, known: ["latest", "all", "specific"], wrong });
  if (policy.size > 1) throw wrong(`${of}: model_version_policy must be one of latest, all and specific`);
  if (policy.has("all")) return all();
  const specific = messagesOf(policy, "specific", wrong).at(-1);
  if (specific !== undefined)
    return exactly((specific.get("versions") ?? []).map((value) => integer(value, { of, wrong })));
  const counts = messagesOf(policy, "latest", wrong).at(-1)?.get("num_versions") ?? [];
  const count = counts.at(-1) === undefined ? 1 : integer(counts.at(-1), { of, wrong });
  // TensorFlow Serving takes 0 for its default.
  return latest(Math.max(1, count));
}

function labelsOf(config: TextMessage, { of, wrong }: Where): ReadonlyMap<string, number> {
  return new Map(
    messagesOf(config, "version_labels", wrong).map((label) => {
      checkFields(label, { of: `${of}: version_labels`, known: ["key", "value"], wrong });
      const key = textOf(label, "key", wrong) ?? "";
      if (key === "") throw wrong(`${of}: version_labels has an entry without a key; write { key: "stable" value: 3 }`);
      const version = label.get("value")?.at(-1);
      // Protobuf would take 0, which is a version like any other and hardly what was meant.
      if (version === undefined) {
        throw wrong(`${of}: the label "${key}" has no version; write { key: "${key}" value: 3 }`);
      }
      return [key, integer(version, { of, wrong })];
    }),
  );
}

function integer(value: TextValue | undefined, { of, wrong }: Where): number {
  const number = value?.kind === "word" ? Number(value.word) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 0) throw wrong(`${of}: versions and their counts are integers from 0`);
  return number;
}
