import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Predictor, ServingError } from "@servable/core";
import {
  parseSavedModel,
  type RecordedCall,
  SAVED_MODEL_FILE,
  SavedModelError,
  selectMetaGraph,
  signaturesOf,
  warmUpFile,
} from "@servable/saved-model";
import type { CliPorts } from "../run-cli.js";
import { loggedRequests } from "./logged-requests.js";
import { parseRecordWords, type RecordWords, type RequestOrigin } from "./record-words.js";
import { recordingProxy } from "./recording-proxy.js";
import { type ModelRequest, type RequestRecorder, requestRecorder } from "./request-recorder.js";

/**
 * Runs `servable warmup record`: writes a version's warm-up file out of requests, which come from a file or from the
 * clients of a running server, until there are enough of them or the command is stopped.
 * @throws UsageError for words that cannot be followed; ServingError if nothing could be recorded
 */
export async function warmupRecord(words: readonly string[], ports: CliPorts): Promise<void> {
  const wanted = parseRecordWords(words);
  const signatures = await signaturesIn(wanted.folder, wanted.tags);
  await using recorder = await requestRecorder(signatures);
  const samples = sampler(wanted, recorder);
  const { from } = wanted;
  if (from.kind === "log") await fromLog(from.path, signatures, samples);
  else await fromServer(from, samples, ports);
  const { calls, refused } = samples;
  if (refused.length > 0) ports.err(`warning: ${refused.length} requests are left out; ${refused[0]}`);
  if (calls.length === 0) {
    throw new ServingError("INVALID_ARGUMENT", `no request was recorded; ${wanted.output} is as it was`);
  }
  await write(wanted.output, warmUpFile(from.kind === "server" ? from.model : "default", calls));
  ports.out(`recorded ${calls.length} requests in ${wanted.output}`);
}

async function signaturesIn(folder: string, tags: readonly string[]): Promise<Predictor["signatures"]> {
  const path = join(folder, SAVED_MODEL_FILE);
  try {
    const model = parseSavedModel(new Uint8Array(await readFile(path)));
    return Object.fromEntries(signaturesOf(selectMetaGraph(model, tags)));
  } catch (error) {
    if (error instanceof SavedModelError) throw new ServingError(error.code, `${folder}: ${error.message}`);
    const message = `${path} cannot be read; name the folder of a version, such as ./models/mnist/3`;
    throw new ServingError("NOT_FOUND", message, { cause: error });
  }
}

interface Samples {
  readonly calls: readonly RecordedCall[];
  /** Why requests could not be recorded. */
  readonly refused: readonly string[];
  readonly isFull: () => boolean;
  /** Records a request if it is among the sampled ones and there is room. */
  take(request: ModelRequest, place: string): Promise<void>;
}

function sampler({ maxRecords, samplingRate }: RecordWords, recorder: RequestRecorder): Samples {
  const calls: RecordedCall[] = [];
  const refused: string[] = [];
  const isFull = (): boolean => calls.length >= maxRecords;
  return {
    calls,
    refused,
    isFull,
    async take(request, place) {
      if (isFull() || Math.random() >= samplingRate) return;
      const call = await recorder.record(request);
      if (typeof call === "string") refused.push(`${place}: ${call}`);
      else if (!isFull()) calls.push(call);
    },
  };
}

async function fromLog(path: string, signatures: Predictor["signatures"], samples: Samples): Promise<void> {
  for await (const { line, ...request } of loggedRequests(path, signatures)) {
    await samples.take(request, `line ${line}`);
    if (samples.isFull()) return;
  }
}

async function fromServer(
  from: Extract<RequestOrigin, { kind: "server" }>,
  samples: Samples,
  { err, onStop }: CliPorts,
): Promise<void> {
  const taken = new Set<Promise<void>>();
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  onStop(finish);
  const onRequest = (request: ModelRequest): void => {
    const task = samples.take(request, "a request").then(() => {
      taken.delete(task);
      if (samples.isFull()) finish();
    });
    taken.add(task);
  };
  {
    await using proxy = await recordingProxy({ ...from, onRequest });
    err(`recording what ${from.model} is asked at ${proxy.url}, which passes it on to ${from.url.origin}`);
    await finished;
  }
  await Promise.all(taken);
}

/** Whoever reads the file meanwhile sees the old one or the new one. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.partial`;
  await writeFile(beside, bytes);
  await rename(beside, path);
}
