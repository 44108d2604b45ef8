import type { Manager } from "@servable/core";
import { getModelMetadata, getModelStatus, type ModelSpec } from "@servable/inference";
import { type Answer, errorAnswer, jsonAnswer } from "./answer.js";
import { answerCall } from "./answer-call.js";
import { refusalOf } from "./authorization.js";
import type { CallsInFlight } from "./calls-in-flight.js";
import { preflightAnswer } from "./cross-origin.js";
import type { Deadlines } from "./deadlines.js";
import type { Exchange } from "./exchange.js";
import { metadataAnswer } from "./metadata-answer.js";
import type { ResolvedHttpOptions } from "./options.js";
import type { RequestRecord } from "./request-record.js";
import { METHOD, type Route, routeReader } from "./route.js";
import { statusAnswer } from "./status-answer.js";

/** What requests are answered from. */
export interface Responding {
  readonly manager: Manager;
  readonly options: ResolvedHttpOptions;
  readonly calls: CallsInFlight;
  /** Undefined where calls have all the time they want. */
  readonly deadlines: Deadlines | undefined;
  /** Undefined where there are no metrics. */
  readonly metricsPage: (() => string) | undefined;
}

/** Answers a request, and notes in its record what it is about; what it throws is to be answered as a failure. */
export type Respond = (exchange: Exchange, record: RequestRecord | undefined) => Promise<Answer>;

type KnownRoute = Exclude<Route, { readonly kind: "unknown" }>;

const METRICS_HEADERS = { "content-type": "text/plain" };

const PATHS =
  "there are /v1/models, /v1/models/NAME[/versions/N | /labels/L], the same with /metadata, :predict, :classify or " +
  ":regress after it, /readyz and /livez";

/** Makes {@link Respond}: finds the route, lets the app judge the request, then answers it. */
export function responder(world: Responding): Respond {
  const { manager, options, metricsPage } = world;
  const { authorize } = options;
  const routeOf = routeReader(options.prefix, options.metrics?.path);

  const answerRoute = (route: KnownRoute, exchange: Exchange, record: RequestRecord | undefined) => {
    switch (route.kind) {
      case "predict":
      case "classify":
      case "regress":
        return answerCall(world, { method: route.kind, spec: route.spec }, { exchange, record });
      case "status":
        return jsonAnswer(200, statusAnswer(getModelStatus(manager, route.spec).versions));
      case "metadata":
        return answerMetadata(manager, route.spec, exchange);
      case "models":
        return jsonAnswer(200, { models: modelsOf(manager) });
      case "metrics":
        return { status: 200, headers: METRICS_HEADERS, body: metricsPage?.() ?? "", outcome: "OK" };
      case "readyz":
        return answerReady(manager);
      case "livez":
        return jsonAnswer(200, { live: true });
    }
  };

  return async (exchange, record) => {
    const route = routeOf(exchange.path);
    record?.about(route);
    const isPreflight = exchange.method === "OPTIONS";
    // Browsers ask whether they may send a request without the credentials that it will have.
    if (authorize !== undefined && !isPreflight) {
      const refusal = await refusalOf(authorize, { exchange, route });
      if (refusal !== undefined) return refusal;
    }
    if (route.kind === "unknown") {
      return errorAnswer(404, `${exchange.path.slice(0, 200)} is no path of this server; ${PATHS}`);
    }
    if (isPreflight) return preflightAnswer(exchange.header("origin"));
    return wrongMethod(route, exchange) ?? (await answerRoute(route, exchange, record));
  };
}

function wrongMethod({ kind }: KnownRoute, { method }: Exchange): Answer | undefined {
  const right = METHOD[kind];
  if (method === right || (method === "HEAD" && right === "GET")) return undefined;
  const allow = right === "GET" ? "GET, HEAD" : right;
  return errorAnswer(405, `${method} is not answered here, ${allow} is`, { allow });
}

async function answerMetadata(manager: Manager, spec: ModelSpec, { cancellation }: Exchange): Promise<Answer> {
  const { signal } = cancellation;
  return jsonAnswer(200, metadataAnswer(await getModelMetadata(manager, spec, { signal })));
}

function modelsOf(manager: Manager): object[] {
  return manager.snapshot().models.map(({ name }) => ({
    name,
    ...statusAnswer(getModelStatus(manager, { model: name }).versions),
  }));
}

function answerReady(manager: Manager): Answer {
  const { ready, waitingFor } = manager.snapshot();
  return ready ? jsonAnswer(200, { ready }) : { ...jsonAnswer(503, { ready, waitingFor }), outcome: "UNAVAILABLE" };
}
