import { warmUpCalls, warmUpFile } from "@servable/saved-model";
import { recordFile, recordsOf } from "../../../packages/saved-model/src/warm-up/records.js";
import { latin1 } from "../bytes.js";
import { fileBytes } from "../fixture-files.js";
import type { Target } from "../target.js";

const recorded = fileBytes("fixtures/tf1_text/tf_serving_warmup_requests");
const written = warmUpFile("m", [
  { signature: "s", inputs: { x: { dtype: "float32", shape: [2, 1], data: Float32Array.of(1, 2) } }, outputs: ["y"] },
  { signature: "", inputs: { text: { dtype: "string", shape: [1], data: [latin1("a")] } }, outputs: [] },
]);

/** The record of a warm-up file, a PredictionLog. */
export const warmUp: Target = {
  name: "PredictionLog",
  seeds: () => [recorded, written].flatMap((file) => [...recordsOf(file, "a seed")]),
  tokens: ["inputs", "classify", "serving_default"].map(latin1),
  isMessage: true,
  maxBytes: 4_096,
  run: (input) => Array.from(warmUpCalls(recordFile([input])), ({ inputs }) => Object.keys(inputs)),
};
