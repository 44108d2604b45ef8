import type { Manager, NamedTensors } from "@servable/core";
import { type ModelSpec, predict } from "@servable/inference";
import { type Answer, textAnswer } from "./answer.js";
import type { CallExchange } from "./call-exchange.js";
import { encodePrediction, isLarge } from "./json/encode-prediction.js";
import { RequestBody } from "./json/request-body.js";
import { atOnce, inSlices } from "./json/steps.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const SHORT_BYTES = 8_192;

/** Answers a predict call whose body is there. */
export async function answerPredict(
  manager: Manager,
  spec: ModelSpec,
  { bytes, cancellation, nonFinite, record }: CallExchange,
): Promise<Answer> {
  const looked = RequestBody.of(bytes, cancellation);
  const body = looked instanceof Promise ? await looked : looked;
  record?.mark("parse");
  const parsed = (inputs: NamedTensors): NamedTensors => {
    record?.mark("parse");
    return inputs;
  };
  try {
    const { id, signature, outputs } = await predict(manager, {
      model: spec.model,
      version: spec.version,
      label: spec.label,
      signature: body.signature,
      signal: cancellation,
      decode: (found) => {
        record?.mark("queue");
        const inputs = body.inputs(found, cancellation);
        return inputs instanceof Promise ? inputs.then(parsed) : parsed(inputs);
      },
    });
    record?.answeredBy(id, signature);
    const steps = encodePrediction(outputs, { form: body.form, nonFinite });
    const written = isLarge(outputs) ? await inSlices(steps, cancellation) : atOnce(steps);
    // A short text goes out in one piece with its head.
    const answer = textAnswer(200, written.length > SHORT_BYTES ? written : utf8.decode(written));
    record?.mark("write");
    return answer;
  } catch (error) {
    if (!cancellation.aborted) body.check();
    throw error;
  }
}
