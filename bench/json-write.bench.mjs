// Answers to predict calls, from a float32 tensor to the bytes that are sent, against nested lists and JSON.stringify.
import { alternate, report } from "./lib/measure.mjs";
import { processorTime, sourceModule } from "./lib/source-module.mjs";

const ROUNDS = 15;
const { encodePrediction } = await sourceModule("http-adapter/src/json/encode-prediction.ts");
const { atOnce, inSlices } = await sourceModule("http-adapter/src/json/steps.ts");
const { signal } = new AbortController();

const tensorOf = (shape) => ({
  dtype: "float32",
  shape,
  data: Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, () => Math.random()),
});

function ours(tensor) {
  const steps = encodePrediction({ scores: tensor }, { form: "rows", nonFinite: "token" });
  return tensor.data.length > 40_000 ? inSlices(steps, signal) : atOnce(steps);
}

function rival({ shape: [rows, columns], data }) {
  const predictions = Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * columns, (row + 1) * columns)),
  );
  return Buffer.from(JSON.stringify({ predictions }));
}

const results = [];
for (const shape of [
  [32, 1_000],
  [1, 150_000],
]) {
  const tensor = tensorOf(shape);
  const numbers = (bytes) => Float32Array.from(JSON.parse(Buffer.from(bytes).toString()).predictions.flat());
  const [written, wanted] = [numbers(await ours(tensor)), numbers(rival(tensor))];
  if (written.some((value, at) => value !== wanted[at])) throw new Error("differs");
  for (let round = 0; round < 3; round++)
    await processorTime(() => ours(tensor)).then(() => processorTime(() => rival(tensor)));
  const times = await alternate({
    rounds: ROUNDS,
    ours: async () => 1_000 / (await processorTime(() => ours(tensor))),
    rival: async () => 1_000 / (await processorTime(() => rival(tensor))),
  });
  results.push(
    report({
      bench: "json-write",
      name: `${shape.join("×")} floats`,
      rivalName: "nested lists and JSON.stringify",
      unit: "answers/s",
      sense: ">=",
      target: 2,
      ...times,
    }),
  );
}
process.exit(results.every(Boolean) ? 0 : 1);
