import { ServingError } from "@servable/core";
import {
  type DataId,
  engine,
  env,
  getKernel,
  type KernelFunc,
  type NamedTensorInfoMap,
  setBackend,
} from "@tensorflow/tfjs-core";
import type { Device } from "./device.js";

/** What is used of TensorFlow.js's WASM backend; its own class does not export these as types. */
interface WasmBackend {
  write(values: Float32Array, shape: number[], dtype: "float32"): DataId;
  readSync(dataId: DataId): unknown;
  disposeData(dataId: DataId): boolean;
  incRef(dataId: DataId): void;
  numDataIds(): number;
  readonly wasm: { readonly HEAPU8: Uint8Array };
}

/**
 * Starts TensorFlow.js's WASM kernels, on this thread alone. An app that uses TensorFlow.js itself keeps its backend.
 * @throws ServingError FAILED_PRECONDITION where WebAssembly cannot be started
 */
export async function wasmDevice(wasmPath?: string): Promise<Device> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Later calls find the backend as it was started.
  if (wasmPath !== undefined && engine().findBackend("wasm") === null) setWasmPaths(wasmPath);
  // Threads of its own would fight with our workers for the same cores.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  // Typed as text, but empty until an app has chosen one.
  const previous: string | null | undefined = engine().backendName;
  if (!(await setBackend("wasm"))) {
    throw new ServingError("FAILED_PRECONDITION", "the portable engine needs WebAssembly, which could not be started");
  }
  const backend: unknown = engine().findBackend("wasm");
  if (typeof previous === "string" && previous !== "wasm") await setBackend(previous);
  return deviceOver(backend as WasmBackend);
}

function deviceOver(backend: WasmBackend): Device {
  const kernels = new Map<string, KernelFunc>();
  const kernelOf = (name: string): KernelFunc => {
    const kernel = getKernel(name, "wasm")?.kernelFunc;
    if (kernel === undefined) throw new ServingError("INTERNAL", `TensorFlow.js has no WASM kernel ${name}`);
    kernels.set(name, kernel);
    return kernel;
  };
  return {
    upload: (data, shape) => {
      const own = shape.slice();
      return { dataId: backend.write(data, own, "float32"), shape: own, dtype: "float32" };
    },
    download({ dataId }) {
      const data = backend.readSync(dataId) as Float32Array;
      // A copy of the backend's memory already, but for what lies in JavaScript's.
      return data.buffer === backend.wasm.HEAPU8.buffer ? data.slice() : data;
    },
    run(name, inputs, attributes = {}) {
      const kernel = kernels.get(name) ?? kernelOf(name);
      const result = kernel({ inputs: inputs as NamedTensorInfoMap, attrs: attributes, backend });
      if (Array.isArray(result)) throw new ServingError("INTERNAL", `kernel ${name} gave several results`);
      return result;
    },
    share(tensor, shape) {
      backend.incRef(tensor.dataId);
      return { dataId: tensor.dataId, shape: shape.slice(), dtype: tensor.dtype };
    },
    release: ({ dataId }) => void backend.disposeData(dataId),
    get tensorCount() {
      return backend.numDataIds();
    },
    get memoryBytes() {
      return backend.wasm.HEAPU8.byteLength;
    },
  };
}
