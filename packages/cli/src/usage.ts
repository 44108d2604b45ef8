import { SUPPORTED } from "./flag-table.js";

/** What `--help` prints. */
export function usage(): string {
  const width = Math.max(...Object.keys(SUPPORTED).map((name) => name.length));
  const flags = Object.entries(SUPPORTED).map(([name, { help }]) => `  --${name.padEnd(width)}  ${help}`);
  return [
    "servable: serves TensorFlow SavedModels over TensorFlow Serving's REST API",
    "",
    "  servable --model_name=mnist --model_base_path=./models/mnist",
    "  servable --model_name=mnist --model_base_path=s3://models/mnist",
    "  servable publish ./export/1 s3://models/mnist     puts a version there, with a manifest; or into a folder",
    "  servable warmup record ./models/mnist/3 --server=http://127.0.0.1:8501     records requests to warm up with",
    "  servable warmup record ./models/mnist/3 --log=requests.jsonl     the same from a file of JSON bodies",
    "  servable doctor [./models/mnist]     tells which engines can be had, why, and what serves the model; --json, --library=FILE",
    "",
    "The flags are tensorflow_model_server's, as --flag=value or --flag value:",
    ...flags,
    "",
    "Its other flags are taken with a warning and have no effect yet.",
  ].join("\n");
}
