import type { Manager } from "@servable/core";
import type { Cancellation } from "@servable/inference";
import { type Answer, failureAnswer } from "./answer.js";
import { byteLength } from "./byte-length.js";
import { countCalls } from "./calls-in-flight.js";
import { crossOrigin } from "./cross-origin.js";
import { Deadlines } from "./deadlines.js";
import { serverMetrics } from "./metrics/server-metrics.js";
import { notify } from "./notify.js";
import type { ResolvedHttpOptions } from "./options.js";
import { packAnswer } from "./packing/pack-answer.js";
import { RequestRecord } from "./request-record.js";
import { responder } from "./respond.js";

/** One request, whatever transport it came by. */
export interface Exchange {
  readonly method: string;
  /** As sent: percent-encoded, with its query if it has one. */
  readonly path: string;
  /** Reads the body; undefined once it is known to be longer than the limit. Called once at most. */
  readBody(): Promise<Uint8Array | undefined>;
  /** A header's value by its name in lower case. */
  header(name: string): string | undefined;
  /** Cancelled when the client is gone. */
  readonly cancellation: Cancellation;
}

/** Answers requests; never rejects. */
export type Answerer = (exchange: Exchange) => Promise<Answer>;

/** TensorFlow Serving's REST API over a manager, without a transport. */
export function answerer(manager: Manager, options: ResolvedHttpOptions): Answerer {
  const { onAccess, onError, codecs, compressAboveBytes } = options;
  const packing = compressAboveBytes === undefined ? undefined : { codecs, compressAboveBytes };
  const calls = countCalls(options.maxInFlight);
  const metrics = options.metrics && serverMetrics({ manager, inFlight: calls.inFlight }, options.metrics);
  const deadlines = options.timeoutMs === undefined ? undefined : new Deadlines(options.timeoutMs);
  const respond = responder({ manager, options, calls, deadlines, metricsPage: metrics?.page });
  const headersFor = crossOrigin(options);
  const isWatched = metrics !== undefined || onAccess !== undefined;

  const answer = async (exchange: Exchange, record: RequestRecord | undefined): Promise<Answer> => {
    try {
      const given = withHeaders(await respond(exchange, record), headersFor?.(exchange.header("origin")));
      return packing === undefined ? given : await packAnswer(given, exchange.header("accept-encoding"), packing);
    } catch (error) {
      const failure = failureAnswer(error);
      if (failure.status === 500) notify(onError, error);
      return withHeaders(failure, headersFor?.(exchange.header("origin")));
    }
  };
  if (!isWatched) return (exchange) => answer(exchange, undefined);

  return async (exchange) => {
    const record = new RequestRecord();
    const given = await answer(exchange, record);
    record.settle(manager);
    const responseBytes = byteLength(given.body);
    if (record.kind !== "metrics") metrics?.note({ record, outcome: given.outcome, responseBytes });
    if (onAccess !== undefined) {
      const { method, path } = exchange;
      notify(onAccess, record.entry({ method, path, status: given.status, responseBytes }));
    }
    return given;
  };
}

function withHeaders(answer: Answer, more: Readonly<Record<string, string>> | undefined): Answer {
  return more === undefined ? answer : { ...answer, headers: { ...answer.headers, ...more } };
}
