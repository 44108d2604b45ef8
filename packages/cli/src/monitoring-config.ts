import { checkFields, messagesOf, parseMessage, textOf, type Wrong, wordOf } from "./text-fields.js";
import { UsageError } from "./usage-error.js";

/** Where TensorFlow Serving has its metrics if the file does not say. */
const DEFAULT_PATH = "/monitoring/prometheus/metrics";

/**
 * Reads a MonitoringConfig message in protobuf's text format.
 * @returns the path of the metrics; undefined where they are off
 * @throws UsageError, naming `place`, if it is none, or says what is not possible
 */
export function parseMonitoringConfig(text: string, place: string): string | undefined {
  const wrong: Wrong = (problem) => new UsageError(`${place}: ${problem}`);
  const message = parseMessage(text, wrong);
  checkFields(message, { of: "the file", known: ["prometheus_config"], wrong });
  const [config] = messagesOf(message, "prometheus_config", wrong).slice(-1);
  if (config === undefined) return undefined;
  checkFields(config, { of: "prometheus_config", known: ["enable", "path"], wrong });
  const path = textOf(config, "path", wrong) ?? "";
  if (path !== "" && !/^(\/[^/?#]+)+$/.test(path)) {
    throw wrong(`path must begin with a slash and not end with one, got "${path}"`);
  }
  const enable = wordOf(config, "enable", wrong) ?? "false";
  if (["false", "False", "f", "0"].includes(enable)) return undefined;
  if (!["true", "True", "t", "1"].includes(enable)) throw wrong(`enable must be true or false, got ${enable}`);
  return path === "" ? DEFAULT_PATH : path;
}
