import type { Manager, NamedTensors } from "@servable/core";
import { type ModelSpec, predict } from "@servable/inference";
import { type Answer, textAnswer } from "./answer.js";
import type { CallExchange } from "./call-exchange.js";
import { encodePrediction } from "./json/encode-prediction.js";
import { RequestBody } from "./json/request-body.js";

/** Answers a predict call whose body is there. */
export async function answerPredict(
  manager: Manager,
  spec: ModelSpec,
  { bytes, cancellation, record }: CallExchange,
): Promise<Answer> {
  const body = new RequestBody(bytes);
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
    const answer = textAnswer(200, encodePrediction(outputs, body.form));
    record?.mark("write");
    return answer;
  } catch (error) {
    if (!cancellation.aborted) body.check();
    throw error;
  }
}
