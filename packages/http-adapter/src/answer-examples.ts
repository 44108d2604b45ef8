import type { Manager } from "@servable/core";
import { classify, type ModelSpec, regress } from "@servable/inference";
import { type Answer, textAnswer } from "./answer.js";
import type { CallExchange } from "./call-exchange.js";
import { examplesBody } from "./examples/examples-body.js";
import { parseJsonWithLongs } from "./json/parse-json.js";
import { type NonFinite, nonFiniteText } from "./json/write/write-elements.js";
import { writeFloat } from "./json/write/write-float.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Which call of examples is meant. */
export interface ExamplesCall {
  readonly method: "classify" | "regress";
  readonly spec: ModelSpec;
}

/** Answers a classify or regress call whose body is there. */
export async function answerExamples(
  manager: Manager,
  { method, spec }: ExamplesCall,
  { bytes, cancellation, nonFinite, record }: CallExchange,
): Promise<Answer> {
  const body = examplesBody(parseJsonWithLongs(utf8.decode(bytes)), method);
  record?.mark("parse");
  const request = { ...spec, ...body, signal: cancellation };
  if (method === "classify") {
    const { id, signature, classifications } = await classify(manager, request);
    record?.answeredBy(id, signature);
    const score = numberWriter("scores", nonFinite);
    const rows = classifications.map((classes) =>
      classes.map((each) => `[${JSON.stringify(each.label)},${score(each.score)}]`).join(","),
    );
    return written(`[${rows.map((row) => `[${row}]`).join(",")}]`, record);
  }
  const { id, signature, regressions } = await regress(manager, request);
  record?.answeredBy(id, signature);
  return written(`[${regressions.map(numberWriter("outputs", nonFinite)).join(",")}]`, record);
}

/** How the numbers of an output are written. */
function numberWriter(name: string, nonFinite: NonFinite): (value: number) => string {
  return (value) => (Number.isFinite(value) ? writeFloat(value) : nonFiniteText({ name, nonFinite }, value));
}

function written(results: string, record: CallExchange["record"]): Answer {
  const answer = textAnswer(200, `{"results":${results}}`);
  record?.mark("write");
  return answer;
}
