import type { ModelSpec } from "@servable/inference";
import { type Answer, errorAnswer } from "./answer.js";
import { answerExamples } from "./answer-examples.js";
import { answerPredict } from "./answer-predict.js";
import type { Deadline } from "./deadlines.js";
import type { Exchange } from "./exchange.js";
import { unpackBody } from "./packing/unpack-body.js";
import type { RequestRecord } from "./request-record.js";
import type { Responding } from "./respond.js";

/** Which call of which model is meant. */
export interface Call {
  readonly method: "predict" | "classify" | "regress";
  readonly spec: ModelSpec;
}

/** A request on its way. */
export interface UnderWay {
  readonly exchange: Exchange;
  readonly record: RequestRecord | undefined;
}

/**
 * Reads a call's body and answers it, at the latest when its time is over; a model that does not heed its signal runs on
 * for itself, and counts as a call in flight until it ends.
 */
export function answerCall(world: Responding, call: Call, underWay: UnderWay): Promise<Answer> {
  const answered = runCall(world, call, underWay);
  if (world.deadlines === undefined) return answered;
  return new Promise((resolve, reject) => {
    underWay.exchange.cancellation.whenCancelled(reject);
    answered.then(resolve, reject);
  });
}

async function runCall(world: Responding, { method, spec }: Call, { exchange, record }: UnderWay): Promise<Answer> {
  const { manager, options, calls, deadlines } = world;
  const { maxBodyBytes, nonFinite } = options;
  const { cancellation } = exchange;
  calls.enter();
  let deadline: Deadline | undefined;
  try {
    const sent = await exchange.readBody();
    const encoding = exchange.header("content-encoding");
    const bytes = sent === undefined || encoding === undefined ? sent : await unpackBody(sent, encoding, options);
    record?.bodyRead(sent);
    if (bytes === undefined) {
      return errorAnswer(413, `the body is larger than ${maxBodyBytes} bytes; send fewer instances at once`);
    }
    deadline = deadlines?.start(spec.model, cancellation);
    const ready = { bytes, cancellation, nonFinite, record };
    // Awaited here: the call counts until it has ended.
    return method === "predict"
      ? await answerPredict(manager, spec, ready)
      : await answerExamples(manager, { method, spec }, ready);
  } finally {
    if (deadline !== undefined) deadlines?.end(deadline);
    calls.leave();
  }
}
