import type { Manager } from "@servable/core";
import { type ModelSpec, predict } from "@servable/inference";
import { type Answer, textAnswer } from "./answer.js";
import type { CallExchange } from "./call-exchange.js";
import { decodeBody } from "./json/decode-body.js";
import { encodePrediction } from "./json/encode-prediction.js";
import { parseJson } from "./json/parse-json.js";
import { predictBody } from "./json/predict-body.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Answers a predict call whose body is there. */
export async function answerPredict(
  manager: Manager,
  spec: ModelSpec,
  { bytes, cancellation, record }: CallExchange,
): Promise<Answer> {
  const text = utf8.decode(bytes);
  const body = predictBody(parseJson(text));
  record?.mark("parse");
  const { id, signature, outputs } = await predict(manager, {
    model: spec.model,
    version: spec.version,
    label: spec.label,
    signature: body.signature,
    signal: cancellation,
    decode: (found) => {
      record?.mark("queue");
      const inputs = decodeBody(body, text, found);
      record?.mark("parse");
      return inputs;
    },
  });
  record?.answeredBy(id, signature);
  const answer = textAnswer(200, encodePrediction(outputs, body.form));
  record?.mark("write");
  return answer;
}
