import type { Manager, ServableId } from "@servable/core";
import type { AccessEntry } from "./options.js";
import type { Route } from "./route.js";

/** The parts of a call: its body is read, parsed, it waits for its version, the model runs, the answer is written. */
export type Phase = "read" | "parse" | "queue" | "run" | "write";

/** The phases in their order. */
export const PHASES: readonly Phase[] = ["read", "parse", "queue", "run", "write"];

/** What is noted of a request on its way, for metrics and the access log. */
export class RequestRecord {
  readonly startedMs: number = performance.now();
  readonly phasesMs: Partial<Record<Phase, number>> = {};
  kind: Route["kind"] = "unknown";
  model: string | undefined;
  version: number | undefined;
  signature: string | undefined;
  requestBytes = 0;
  #asked: string | undefined;
  #markedMs: number = this.startedMs;

  about(route: Route): void {
    this.kind = route.kind;
    this.#asked = "spec" in route ? route.spec.model : undefined;
  }

  /**
   * Ends it. A model that did not answer has its name here if there is one of that name: clients may make up any number
   * of names, and each would be counted.
   */
  settle(manager: Manager): void {
    if (this.model !== undefined || this.#asked === undefined) return;
    if (manager.model(this.#asked) !== undefined) this.model = this.#asked;
  }

  /** Ends a phase, which began where the one before ended; one that comes twice adds up. */
  mark(phase: Phase): void {
    const now = performance.now();
    this.phasesMs[phase] = (this.phasesMs[phase] ?? 0) + now - this.#markedMs;
    this.#markedMs = now;
  }

  /** Ends the phase "read". */
  bodyRead(body: Uint8Array | undefined): void {
    this.requestBytes = body?.length ?? 0;
    this.mark("read");
  }

  /** Ends the phase "run", and notes what ran. */
  answeredBy({ name, version }: ServableId, signature: string): void {
    this.model = name;
    this.version = version;
    this.signature = signature;
    this.mark("run");
  }

  /** The request for an access log, now that it has its answer. */
  entry(answered: Pick<AccessEntry, "method" | "path" | "status" | "responseBytes">): AccessEntry {
    const { startedMs, model, version, signature, requestBytes, phasesMs } = this;
    return {
      ...answered,
      durationMs: performance.now() - startedMs,
      ...(model !== undefined && { model }),
      ...(version !== undefined && { version }),
      ...(signature !== undefined && { signature }),
      requestBytes,
      phasesMs: { ...phasesMs },
    };
  }
}
