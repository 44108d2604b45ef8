import { type Manager, ServingError } from "@servable/core";
import { getModelMetadata, getModelStatus, predict } from "@servable/inference";
import { type Answer, errorAnswer, failureAnswer, jsonAnswer, textAnswer } from "./answer.js";
import { inflate } from "./inflate.js";
import { decodeBody } from "./json/decode-body.js";
import { encodePrediction } from "./json/encode-prediction.js";
import { parseJson } from "./json/parse-json.js";
import { predictBody } from "./json/predict-body.js";
import { metadataAnswer } from "./metadata-answer.js";
import type { ResolvedHttpOptions } from "./options.js";
import { METHOD, parseRoute, type Route } from "./route.js";
import { statusAnswer } from "./status-answer.js";

/** One request, whatever transport it came by. */
export interface Exchange {
  readonly method: string;
  /** As sent: percent-encoded, with its query if it has one. */
  readonly path: string;
  /** Reads the body; undefined once it is known to be longer than the limit. Called once at most. */
  readonly readBody: () => Promise<Uint8Array | undefined>;
  /** The `content-encoding` of the body, "" for none. */
  readonly encoding: string;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** Answers requests; never rejects. */
export type Answerer = (exchange: Exchange) => Promise<Answer>;

/** TensorFlow Serving's REST API over a manager, without a transport. */
export function answerer(manager: Manager, { prefix, maxBodyBytes, onError }: ResolvedHttpOptions): Answerer {
  const answerRoute = async (route: Exclude<Route, { kind: "unknown" }>, exchange: Exchange): Promise<Answer> => {
    switch (route.kind) {
      case "predict":
        return answerPredict(manager, route.spec, { exchange, maxBodyBytes });
      case "classify":
      case "regress":
        throw new ServingError("UNSUPPORTED", `:${route.kind} is not supported yet; use :predict`);
      case "status":
        return jsonAnswer(200, statusAnswer(getModelStatus(manager, route.spec).versions));
      case "metadata":
        return jsonAnswer(200, metadataAnswer(await getModelMetadata(manager, route.spec, exchange)));
      case "models":
        return jsonAnswer(200, { models: modelsOf(manager) });
      case "readyz":
        return answerReady(manager);
      case "livez":
        return jsonAnswer(200, { live: true });
    }
  };
  return async (exchange) => {
    try {
      const route = parseRoute(exchange.path, prefix);
      if (route.kind === "unknown")
        return errorAnswer(404, `${exchange.path.slice(0, 200)} is no path of this server; ${PATHS}`);
      return wrongMethod(route, exchange) ?? (await answerRoute(route, exchange));
    } catch (error) {
      const answer = failureAnswer(error);
      if (answer.status === 500) tell(onError, error);
      return answer;
    }
  };
}

const PATHS =
  "there are /v1/models, /v1/models/NAME[/versions/N], the same with /metadata or :predict after it, /readyz and /livez";

function wrongMethod({ kind }: Exclude<Route, { kind: "unknown" }>, { method }: Exchange): Answer | undefined {
  const right = METHOD[kind];
  if (method === right || (method === "HEAD" && right === "GET")) return undefined;
  const allow = right === "GET" ? "GET, HEAD" : right;
  return errorAnswer(405, `${method} is not answered here, ${allow} is`, { allow });
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

interface PredictExchange {
  readonly exchange: Exchange;
  readonly maxBodyBytes: number;
}

async function answerPredict(
  manager: Manager,
  spec: Parameters<typeof getModelStatus>[1],
  { exchange, maxBodyBytes }: PredictExchange,
): Promise<Answer> {
  const sent = await exchange.readBody();
  const bytes = sent && (exchange.encoding === "" ? sent : await inflate(sent, exchange.encoding, maxBodyBytes));
  if (bytes === undefined) {
    return errorAnswer(413, `the body is larger than ${maxBodyBytes} bytes; send fewer instances at once`);
  }
  const text = utf8.decode(bytes);
  const body = predictBody(parseJson(text));
  const { outputs } = await predict(manager, {
    ...spec,
    signature: body.signature,
    signal: exchange.signal,
    decode: (signature) => decodeBody(body, text, signature),
  });
  return textAnswer(200, encodePrediction(outputs, body.form));
}

function modelsOf(manager: Manager): object[] {
  return manager.snapshot().models.map(({ name }) => ({
    name,
    ...statusAnswer(getModelStatus(manager, { model: name }).versions),
  }));
}

function answerReady(manager: Manager): Answer {
  const { ready, waitingFor } = manager.snapshot();
  return ready ? jsonAnswer(200, { ready }) : jsonAnswer(503, { ready, waitingFor });
}

/** A listener that throws must not cost the client its answer; what it throws comes out where nothing catches it. */
function tell(onError: (error: unknown) => void, error: unknown): void {
  try {
    onError(error);
  } catch (fault) {
    setTimeout(() => {
      throw fault;
    });
  }
}
