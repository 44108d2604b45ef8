import { fork } from "node:child_process";
import type { EngineName, LibraryFacts } from "@servable/loader-tf/native";
import type { SavedSignature, SignatureTensor } from "@servable/saved-model";

/** What a child process is asked to try. */
export type ProbeRequest =
  | { readonly kind: "library"; readonly path: string }
  | { readonly kind: "engine"; readonly engine: EngineName; readonly library?: string | undefined }
  | {
      readonly kind: "model";
      readonly engine: EngineName;
      readonly library?: string | undefined;
      readonly folder: string;
      readonly tags: readonly string[];
    };

/** What it finds out, by the kind of request. */
export interface ProbeFacts {
  readonly library: LibraryFacts;
  /** Why the engine can be had. */
  readonly engine: { readonly because: string };
  readonly model: { readonly signatures: readonly string[] };
}

/** How a try ended. `crashed` is one that ended its process, as it would end a server's. */
export type ProbeOutcome<F> =
  | { readonly state: "fine"; readonly facts: F }
  | { readonly state: "refused" | "crashed"; readonly message: string };

/** Tries something where it can do no harm. */
export type Probe = <R extends ProbeRequest>(request: R) => Promise<ProbeOutcome<ProbeFacts[R["kind"]]>>;

/** What the child sends, once. */
export type ProbeMessage =
  | { readonly state: "fine"; readonly facts: ProbeFacts[keyof ProbeFacts] }
  | { readonly state: "refused"; readonly message: string };

/** The built script of the child; it lies beside the built command. */
const PROBE_SCRIPT: URL = new URL("./doctor-probe.js", import.meta.url);

/** How long a try may take. */
const LIMIT_MS = 300_000;

/** {@link Probe} in a child process, so that a library that is broken ends that alone. */
export function childProbe(script: URL = PROBE_SCRIPT): Probe {
  return <R extends ProbeRequest>(request: R) =>
    new Promise<ProbeOutcome<ProbeFacts[R["kind"]]>>((resolve) => {
      const env = { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env };
      const child = fork(script, [JSON.stringify(request)], { env, execArgv: [], silent: true, timeout: LIMIT_MS });
      let written = "";
      let message: ProbeMessage | undefined;
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
          written = (written + text).slice(-2_000);
        });
      }
      child.on("message", (sent) => {
        message = sent as ProbeMessage;
      });
      child.on("error", (error) => resolve({ state: "crashed", message: error.message }));
      child.on("close", (code, signal) => {
        const ended = signal === null ? `with status ${code}` : `by ${signal}`;
        // What ends badly after its answer would end a server badly too.
        if (message !== undefined && code === 0) {
          resolve(message as ProbeOutcome<ProbeFacts[R["kind"]]>);
          return;
        }
        const last = written.trim().split("\n").at(-1);
        resolve({ state: "crashed", message: `the process that tried it ended ${ended}${last ? `: ${last}` : ""}` });
      });
    });
}

/** A signature in one line: `serving_default(x: float32 [-1,2]) -> y: float32 [-1,2]`. */
export function signatureLine(name: string, { inputs, outputs }: SavedSignature): string {
  return `${name}(${tensors(inputs)}) -> ${tensors(outputs)}`;
}

function tensors(named: Readonly<Record<string, SignatureTensor>>): string {
  return Object.entries(named)
    .map(
      ([name, { dtype, shape }]) => `${name}: ${dtype} ${shape === undefined ? "of any shape" : `[${shape.join()}]`}`,
    )
    .join(", ");
}
