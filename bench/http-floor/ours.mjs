import { createManager } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { of } from "rxjs";
import { scores } from "./answer.mjs";

const output = { dtype: "float32", shape: [1, 10], data: Float32Array.from(scores) };
const servable = {
  signatures: {
    serving_default: {
      inputs: { images: { dtype: "float32", shape: [-1, 28, 28] } },
      outputs: { probabilities: { dtype: "float32", shape: [-1, 10] } },
      methodName: "tensorflow/serving/predict",
    },
  },
  predict: async () => ({ probabilities: output }),
};
const data = { load: async () => ({ servable, async [Symbol.asyncDispose]() {} }) };
const manager = createManager({ code: of({ name: "mnist", versions: [{ version: 1, data }] }) });
await manager.whenAvailable("mnist");
const server = await listen(manager, { port: 0 });
process.on("SIGTERM", () => process.exit());
process.send({ url: `${server.url}/v1/models/mnist:predict` });
