import { SUPPORTED } from "./flag-table.js";

/** What `--help` prints. */
export function usage(): string {
  const width = Math.max(...Object.keys(SUPPORTED).map((name) => name.length));
  const flags = Object.entries(SUPPORTED).map(([name, { help }]) => `  --${name.padEnd(width)}  ${help}`);
  return [
    "servable: serves TensorFlow SavedModels over TensorFlow Serving's REST API",
    "",
    "  servable --model_name=mnist --model_base_path=./models/mnist",
    "",
    "The flags are tensorflow_model_server's, as --flag=value or --flag value:",
    ...flags,
    "",
    "Its other flags are taken with a warning and have no effect yet.",
  ].join("\n");
}
