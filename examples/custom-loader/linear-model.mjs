// Linear models in JSON, y = W x + b, as servables: { "weights": [[2, 0], [1, 1]], "bias": [0.5, 0] }
import { ServingError } from "@servable/core";

/** Whether a version folder is complete, for `fsSource`. */
export function missingFromLinearModel(files) {
  return files.some(({ name }) => name === "model.json") ? undefined : "model.json is missing";
}

/** Makes a loader of the files of a version: `fsSource({ … }).pipe(loadWith(linearModel))`. */
export function linearModel(files) {
  return {
    async load({ id, signal, report }) {
      const open = await files.open({ signal, report });
      try {
        const bytes = await open.read("model.json");
        signal.throwIfAborted();
        const model = parse(bytes, `${id.name}/${id.version}`);
        const [outputs, inputs] = [model.bias.length, model.weights[0].length];
        return {
          servable: predictor(model),
          resources: { memoryBytes: 4 * outputs * (inputs + 1) },
          describe: () => ({ inputs, outputs }),
          async [Symbol.asyncDispose]() {},
        };
      } finally {
        await open[Symbol.asyncDispose]();
      }
    },
  };
}

function parse(bytes, id) {
  const isRow = (row) => Array.isArray(row) && row.length > 0 && row.every(Number.isFinite);
  let model;
  try {
    model = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ServingError("DATA_LOSS", `${id}: model.json is no JSON`, { cause });
  }
  const { weights, bias } = model ?? {};
  const fits = isRow(bias) && Array.isArray(weights) && weights.length === bias.length;
  if (fits && weights.every((row) => isRow(row) && row.length === weights[0].length)) return { weights, bias };
  throw new ServingError(
    "DATA_LOSS",
    `${id}: model.json needs "weights", equal rows of numbers, and a "bias" for each row`,
  );
}

function predictor({ weights, bias }) {
  const width = weights[0].length;
  const signature = {
    inputs: { x: { dtype: "float32", shape: [-1, width] } },
    outputs: { y: { dtype: "float32", shape: [-1, bias.length] } },
    methodName: "tensorflow/serving/predict",
  };
  return {
    signatures: { serving_default: signature },
    async predict(inputs, options = {}) {
      checkCall(inputs, options, width);
      const { data, shape } = inputs.x;
      const dot = (row, at) => row.reduce((sum, weight, index) => sum + weight * data[at * width + index], 0);
      const rows = Array.from({ length: shape[0] }, (_, at) => weights.map((row, index) => dot(row, at) + bias[index]));
      return { y: { dtype: "float32", shape: [shape[0], bias.length], data: Float32Array.from(rows.flat()) } };
    },
  };
}

function checkCall(inputs, { signature = "serving_default", outputs = [], signal }, width) {
  if (signal?.aborted) throw new ServingError("CANCELLED", "the call was aborted", { cause: signal.reason });
  const check = (good, text) => {
    if (!good) throw new ServingError("INVALID_ARGUMENT", text);
  };
  check(signature === "serving_default", `there is no signature ${signature}; there is serving_default`);
  for (const name of outputs) check(name === "y", `there is no output ${name}; there is y`);
  for (const name of Object.keys(inputs)) check(name === "x", `there is no input ${name}; there is x`);
  const { x } = inputs;
  check(x !== undefined, "input x is missing");
  check(x.dtype === "float32", `input x needs dtype float32, got ${x.dtype}`);
  const fits = x.shape.length === 2 && x.shape[1] === width;
  check(fits, `input x needs shape [?, ${width}], got [${x.shape.join(", ")}]`);
}
