import {
  BoundedReader,
  type Input,
  type ModelSpec,
  type MultiInferenceRequest,
  PredictionLog,
  type PredictRequest,
} from "@servable/tf-proto";
import { encodeTensorProto } from "../encode-tensor-proto.js";
import { withContext } from "../example.js";
import { SavedModelError } from "../saved-model-error.js";
import type { StoredTensor } from "../stored-tensor.js";
import { decodeTensorProto } from "../tensor-proto.js";

/** A recorded call of a signature. */
export interface RecordedCall {
  /** "" means the default one. */
  readonly signature: string;
  readonly inputs: Readonly<Record<string, StoredTensor>>;
  /** Names of the outputs wanted; none means all. */
  readonly outputs: readonly string[];
}

/** The input of signatures that classify and regress. */
const EXAMPLES_INPUT = "inputs";

/** Tags, lengths and integers of one record. */
const MAX_NUMBERS = 2 ** 24;

/**
 * The calls that a serialized PredictionLog stands for: one for a predict, classify or regress log, one per task for a
 * multi-inference log, none for a log without a request. The model's name and version in it mean nothing. Strings are
 * views of `bytes`.
 * @param what names the record in errors
 * @throws SavedModelError INVALID_ARGUMENT for bytes that are no PredictionLog, or a request without examples;
 * UNSUPPORTED for a log of a session run or a stream; what `decodeTensorProto` throws
 */
export function callsOfLog(bytes: Uint8Array, what: string): readonly RecordedCall[] {
  const { logType } = decoded(bytes, what);
  switch (logType?.$case) {
    case undefined:
      return [];
    case "predictLog":
      return logType.value.request === undefined ? [] : [predictCall(logType.value.request, what)];
    case "classifyLog":
    case "regressLog": {
      const { request } = logType.value;
      return request === undefined ? [] : [examplesCall(request.modelSpec, request.input, what)];
    }
    case "multiInferenceLog":
      return logType.value.request === undefined ? [] : taskCalls(logType.value.request, what);
    case "sessionRunLog":
      throw unsupported(what, "session run");
    case "predictStreamedLog":
      throw unsupported(what, "streamed predict call");
  }
}

/** The serialized PredictionLog of a predict call of that model. */
export function predictLogOf(model: string, { signature, inputs, outputs }: RecordedCall): Uint8Array {
  const tensors = Object.entries(inputs).map(([name, tensor]) => [name, encodeTensorProto(tensor)] as const);
  const request: PredictRequest = {
    modelSpec: { name: model, signatureName: signature, versionChoice: undefined },
    inputs: new Map(tensors),
    outputFilter: [...outputs],
  };
  return PredictionLog.encode({ logType: { $case: "predictLog", value: { request } } }).finish();
}

function decoded(bytes: Uint8Array, what: string): PredictionLog {
  try {
    return PredictionLog.decode(new BoundedReader(bytes, { left: MAX_NUMBERS }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SavedModelError("INVALID_ARGUMENT", `${what} is not a PredictionLog: ${reason}`, { cause: error });
  }
}

function predictCall({ modelSpec, inputs, outputFilter }: PredictRequest, what: string): RecordedCall {
  const tensors = [...inputs].map(([name, proto]) => [name, decodeTensorProto(proto, `${what}, input ${name}`)]);
  return { signature: signatureOf(modelSpec), inputs: Object.fromEntries(tensors), outputs: outputFilter };
}

function taskCalls({ tasks, input }: MultiInferenceRequest, what: string): readonly RecordedCall[] {
  return tasks.map(({ modelSpec }) => examplesCall(modelSpec, input, what));
}

function examplesCall(spec: ModelSpec | undefined, input: Input | undefined, what: string): RecordedCall {
  const { examples, context } = examplesOf(input);
  if (examples.length === 0) throw new SavedModelError("INVALID_ARGUMENT", `${what}: its input is empty`);
  const data = withContext(examples, context);
  const tensor: StoredTensor = { dtype: "string", shape: [data.length], data };
  return { signature: signatureOf(spec), inputs: { [EXAMPLES_INPUT]: tensor }, outputs: [] };
}

function examplesOf(input: Input | undefined): { examples: readonly Uint8Array[]; context: Uint8Array } {
  const none = new Uint8Array(0);
  if (input?.kind === undefined) return { examples: [], context: none };
  const { kind } = input;
  return kind.$case === "exampleListWithContext" ? kind.value : { examples: kind.value.examples, context: none };
}

function signatureOf(spec: ModelSpec | undefined): string {
  return spec?.signatureName ?? "";
}

function unsupported(what: string, kind: string): SavedModelError {
  const message = `${what} is the log of a ${kind}, which cannot be replayed; take it out of the file`;
  return new SavedModelError("UNSUPPORTED", message);
}
