import { compile } from "../portable/compile.js";
import { Session } from "../portable/run/session.js";
import { wasmDevice } from "../portable/run/wasm-device.js";
import { describeProgram } from "./describe-program.js";
import type { Engine } from "./engine.js";

/** Runs models on the calling thread, which is blocked meanwhile: for runtimes without threads, and inside of workers. */
export const inlineEngine: Engine = async ({ files, tags, optimize, signal, report, wasmPath }) => {
  const device = await wasmDevice(wasmPath);
  const read = (name: string, range?: { start: number; end: number }): Promise<Uint8Array> => {
    signal.throwIfAborted();
    return files.read(name, range);
  };
  const program = await compile({ read, tags, optimize, device, report });
  signal.throwIfAborted();
  const session = new Session(program, device);
  return {
    ...describeProgram(program),
    copies: 1,
    concurrency: 1,
    run: async (call, callSignal) => {
      callSignal?.throwIfAborted();
      return session.run(call);
    },
    close: async () => session.close(),
  };
};
