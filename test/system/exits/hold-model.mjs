// A process, or a worker thread of one, with a model loaded and calls in flight, that ends as its argument says.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";

const { ending, options, folder } = workerData ?? JSON.parse(process.argv[2] ?? "{}");

if (isMainThread && ending === "worker") {
  const worker = new Worker(new URL(import.meta.url), { workerData: { ending: "stay", options, folder } });
  worker.once("message", () => {
    void worker.terminate().then(() => console.log("ended"));
  });
} else {
  const { servable } = await savedModel(options)(folderFiles(folder)).load({
    id: { name: "control", version: 1 },
    servables: {},
    signal: new AbortController().signal,
    report() {},
  });
  const x = { dtype: "float32", shape: [1, 2], data: new Float32Array(2) };
  // Node waits for what a worker thread has in TensorFlow, so there the calls must end; else they would last for minutes.
  const isPatient = options.engine !== "native" || ending === "normal" || ending === "stay";
  const n = { dtype: "int32", shape: [], data: Int32Array.of(isPatient ? 10_000 : 100_000_000) };
  for (let call = 0; call < 8; call++) {
    servable.predict({ x, n }, { signature: "loop" }).then(
      () => ending === "normal" && call === 7 && console.log("ended"),
      () => {},
    );
  }
  // The calls are with TensorFlow once the loop has turned.
  setImmediate(() => {
    if (ending === "exit") process.exit(3);
    if (ending === "uncaught") throw new Error("nobody catches this");
    if (ending === "signal") console.log("ready");
    if (ending === "stay") parentPort.postMessage("ready", []);
  });
}
