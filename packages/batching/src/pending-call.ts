import type { NamedTensors, PredictOptions, Tensor } from "@servable/core";
import { joinRows } from "./rows/join-rows.js";

/** A call that waits for its outputs, which may come in parts. */
export class PendingCall {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions;
  /** Its size along the batch dimension. */
  readonly rows: number;
  readonly #settle: Settle;
  /** Takes it out of its queue, if it waits in one; called when its signal aborts. */
  cancel: () => void = () => {};
  /** Only of a call that is answered in parts. */
  #pieces: Map<number, NamedTensors> | undefined;
  #given = 0;
  #settled = false;

  constructor(request: CallRequest, settle: Settle) {
    this.inputs = request.inputs;
    this.options = request.options;
    this.rows = request.rows;
    this.#settle = settle;
  }

  /** Whether nobody waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Takes the outputs of `rows` rows from row `start` on. */
  deliver(outputs: Record<string, Tensor>, start: number, rows: number): void {
    if (this.#settled) return;
    if (rows === this.rows) return this.#end(() => this.#settle.resolve(outputs));
    const parts = (this.#pieces ??= new Map());
    parts.set(start, outputs);
    this.#given += rows;
    if (this.#given < this.rows) return;
    const pieces = [...parts].sort(([one], [other]) => one - other).map(([, piece]) => piece);
    try {
      const whole = Object.fromEntries(
        Object.keys(outputs).map((name) => [name, joinRows(pieces.flatMap((piece) => piece[name] ?? []))]),
      );
      this.#end(() => this.#settle.resolve(whole));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends it with an error; the first one counts. */
  fail(error: unknown): void {
    if (!this.#settled) this.#end(() => this.#settle.reject(error));
  }

  #end(settle: () => void): void {
    this.#settled = true;
    this.#pieces = undefined;
    settle();
  }
}

/** What a call asks for. */
export interface CallRequest {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions;
  readonly rows: number;
}

/** The ends of the promise that a caller holds. */
export interface Settle {
  readonly resolve: (outputs: Record<string, Tensor>) => void;
  readonly reject: (error: unknown) => void;
}
