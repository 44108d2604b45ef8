import { compile } from "../portable/compile.js";
import type { Device } from "../portable/run/device.js";
import { Session } from "../portable/run/session.js";
import { wasmDevice } from "../portable/run/wasm-device.js";
import { describeProgram } from "./describe-program.js";
import type { PortableModel, PortableRequest } from "./portable-host.js";
import { timedOut } from "./timed-out.js";

/** Loads a model onto the calling thread, which is blocked while it loads and runs: for runtimes without threads. */
export async function openInline(request: PortableRequest): Promise<PortableModel> {
  return openOn(await wasmDevice(request.order.wasmPath), request);
}

/** Loads a model onto a device of the calling thread. */
export async function openOn(device: Device, request: PortableRequest): Promise<PortableModel> {
  const { files, order, signal, report } = request;
  const { tags, optimize, timeoutMs } = order;
  const read = (name: string, range?: { start: number; end: number }): Promise<Uint8Array> => {
    signal.throwIfAborted();
    return files.read(name, range);
  };
  const program = await compile({ read, tags, optimize, device, report });
  signal.throwIfAborted();
  const session = new Session(program, device);
  return {
    ...describeProgram(program),
    concurrency: 1,
    run: async (call, callSignal) => {
      callSignal?.throwIfAborted();
      return session.run(call, failAfter(timeoutMs));
    },
    close: async () => session.close(),
  };
}

/** What a session asks before every step, since nothing else can stop it while it computes. */
function failAfter(timeoutMs: number): () => void {
  const endMs = performance.now() + timeoutMs;
  return () => {
    if (performance.now() > endMs) throw timedOut(timeoutMs);
  };
}
