import type { NamedTensors, Signature } from "@servable/core";
import type { CallSignal } from "@servable/inference";
import { decodeBody } from "./decode-body.js";
import { parseJson } from "./parse-json.js";
import { type PredictBody, predictBody } from "./predict-body.js";
import { CLOSE_OBJECT, Cursor, isNotUnderstood } from "./scan/cursor.js";
import { type Outline, outlineOf } from "./scan/outline.js";
import { scanColumns, scanRows } from "./scan/scan-inputs.js";
import { atOnce, inSlices, type Steps } from "./steps.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bodies up to this are read without a pause: some three milliseconds' work. */
const LARGE_BYTES = 512 * 1_024;

/**
 * The body of a predict call. Its values are scanned straight into tensors, once the signature is known; a body that the
 * scanner does not understand is read by `JSON.parse`, which gives the same tensors, or the error.
 */
export class RequestBody {
  readonly #bytes: Uint8Array;
  readonly #outline: Outline | undefined;
  #parsed: { readonly text: string; readonly body: PredictBody } | undefined;
  #fault: { readonly error: unknown } | undefined;
  #isRead = false;

  private constructor(bytes: Uint8Array, outline: Outline | undefined) {
    this.#bytes = bytes;
    this.#outline = outline;
    if (outline === undefined) this.#parse();
  }

  /**
   * Takes a look at a body; at once, or in slices where it is large.
   * @throws ServingError INVALID_ARGUMENT for what is no predict body, as far as that is looked at yet
   */
  static of(bytes: Uint8Array, signal: CallSignal): RequestBody | Promise<RequestBody> {
    const steps = outlineOf(bytes);
    if (bytes.length <= LARGE_BYTES) return new RequestBody(bytes, atOnce(steps));
    return inSlices(steps, signal).then((outline) => new RequestBody(bytes, outline));
  }

  get form(): PredictBody["form"] {
    return this.#outline?.form ?? this.#parse().body.form;
  }

  /** The signature's name, "" for the default. */
  get signature(): string {
    return this.#outline?.signature ?? this.#parse().body.signature;
  }

  /**
   * The inputs; at once, or in slices where the body is large.
   * @throws ServingError INVALID_ARGUMENT, naming the input and the element; UNSUPPORTED for a dtype without a JSON form
   */
  inputs(signature: Signature, signal: CallSignal): NamedTensors | Promise<NamedTensors> {
    if (this.#parsed !== undefined || this.#outline === undefined) return this.#decode(signature);
    const steps = this.#scan(this.#outline, signature);
    if (this.#bytes.length > LARGE_BYTES) return this.#scanInSlices(steps, { signature, signal });
    try {
      return atOnce(steps);
    } catch (error) {
      return this.#decodeAfter(error, signature);
    }
  }

  /**
   * To be called when the call has failed: what is wrong with the body as a whole comes before what is wrong with the
   * model that it is for, and is thrown here.
   */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
    if (!this.#isRead) this.#parse();
  }

  async #scanInSlices(
    steps: Steps<NamedTensors>,
    { signature, signal }: { readonly signature: Signature; readonly signal: CallSignal },
  ): Promise<NamedTensors> {
    try {
      return await inSlices(steps, signal);
    } catch (error) {
      return this.#decodeAfter(error, signature);
    }
  }

  *#scan({ form, valueAt }: Outline, signature: Signature): Steps<NamedTensors> {
    const cursor = new Cursor(this.#bytes, valueAt);
    const inputs = yield* form === "rows" ? scanRows(cursor, signature) : scanColumns(cursor, signature);
    cursor.take(CLOSE_OBJECT);
    // Whatever follows the values, or the body, is for the general way.
    cursor.end();
    this.#isRead = true;
    return inputs;
  }

  #decodeAfter(error: unknown, signature: Signature): NamedTensors {
    if (!isNotUnderstood(error)) throw error;
    return this.#decode(signature);
  }

  #decode(signature: Signature): NamedTensors {
    const { text, body } = this.#parse();
    return decodeBody(body, text, signature);
  }

  #parse(): { readonly text: string; readonly body: PredictBody } {
    if (this.#parsed !== undefined) return this.#parsed;
    try {
      const text = utf8.decode(this.#bytes);
      this.#parsed = { text, body: predictBody(parseJson(text)) };
      return this.#parsed;
    } catch (error) {
      this.#fault = { error };
      throw error;
    }
  }
}
