// A server of two signatures, one that takes much and one that gives much, which tells how long its event loop stood.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createManager, makeTensor } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { of } from "rxjs";

const many = Float32Array.from({ length: 4_000_000 }, (_, index) => Math.sin(index));
const floats = (...shape) => ({ x: { dtype: "float32", shape } });
const signature = (inputs, outputs) => ({ inputs, outputs, methodName: "tensorflow/serving/predict" });
const servable = {
  signatures: {
    sum: signature(floats(-1, 1_000), floats(-1)),
    make: signature(floats(-1), floats(-1, 1_000)),
  },
  async predict({ x }, { signature: name }) {
    if (name === "sum") return { x: makeTensor("float32", [x.shape[0]], new Float32Array(x.shape[0])) };
    return { x: makeTensor("float32", [many.length / 1_000, 1_000], many) };
  },
};
const loader = { load: async () => ({ servable, async [Symbol.asyncDispose]() {} }) };
const manager = createManager({ code: of({ name: "m", versions: [{ version: 1, data: loader }] }) });
await manager.whenAvailable("m");
const server = await listen(manager, { port: 0, maxBodyBytes: 256 * 1_024 * 1_024 });

const histogram = monitorEventLoopDelay({ resolution: 1 });
process.on("message", ({ watch }) => {
  if (watch) {
    histogram.reset();
    histogram.enable();
  } else histogram.disable();
  process.send({ longestMs: histogram.max / 1e6 });
});
process.send({ url: `${server.url}/v1/models/m:predict` });
