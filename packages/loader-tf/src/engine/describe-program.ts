import type { Program } from "../portable/program.js";
import type { PortableModel } from "./portable-host.js";

/** What of a program can be told to other threads. */
export function describeProgram({
  signatures,
  stages,
  constantBytes,
  constants,
}: Program): Pick<PortableModel, "signatures" | "facts"> {
  return {
    signatures: Object.fromEntries([...signatures].map(([name, { signature }]) => [name, signature])),
    facts: {
      nodes: Object.fromEntries(stages.map(({ stage, before, after }) => [stage, { before, after }])),
      weightBytes: constantBytes,
      deviceBytes: constants.reduce((sum, { data }) => sum + (data instanceof Float32Array ? data.byteLength : 0), 0),
    },
  };
}
