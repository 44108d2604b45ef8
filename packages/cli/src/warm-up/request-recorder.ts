import { createManager, type Predictor } from "@servable/core";
import { createHttpHandler } from "@servable/http-adapter";
import type { RecordedCall } from "@servable/saved-model";
import { of } from "rxjs";

/** A request of TensorFlow Serving's REST API that calls a model. */
export interface ModelRequest {
  readonly verb: "predict" | "classify" | "regress";
  readonly body: Uint8Array;
  /** @defaultValue none */
  readonly encoding?: string | undefined;
}

/** Turns requests into the calls that they make of a model. */
export interface RequestRecorder extends AsyncDisposable {
  /** The call that a request makes, or what the answer to it says is wrong with it. */
  record(request: ModelRequest): Promise<RecordedCall | string>;
}

const MODEL = "recorded";

/**
 * A recorder for a model with these signatures. Requests are read by the REST API itself, in front of a model that only
 * notes what it is called with, so that they are read as they are served.
 */
export async function requestRecorder(signatures: Predictor["signatures"]): Promise<RequestRecorder> {
  let noted: RecordedCall | undefined;
  const servable: Predictor = {
    signatures,
    async predict(inputs, { signature = "" } = {}) {
      noted = { signature, inputs, outputs: [] };
      return {};
    },
  };
  const load = async () => ({ servable, async [Symbol.asyncDispose]() {} });
  const manager = createManager({ recorder: of({ name: MODEL, versions: [{ version: 1, data: { load } }] }) });
  await manager.whenAvailable(MODEL);
  const answer = createHttpHandler(manager);
  const recordOne = async ({ verb, body, encoding }: ModelRequest): Promise<RecordedCall | string> => {
    noted = undefined;
    const response = await answer(
      new Request(`http://localhost/v1/models/${MODEL}:${verb}`, {
        method: "POST",
        body: new Uint8Array(body),
        ...(encoding !== undefined && { headers: { "content-encoding": encoding } }),
      }),
    );
    const text = await response.text();
    return noted ?? text;
  };
  // One after another, so that what is noted belongs to the request that is being answered.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    record(request) {
      const done = turn.then(() => recordOne(request));
      turn = done.catch(() => {});
      return done;
    },
    [Symbol.asyncDispose]: () => manager.close(),
  };
}
