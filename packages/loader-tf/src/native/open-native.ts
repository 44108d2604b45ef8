import { type FileEntry, type ResourceEstimate, systemClock } from "@servable/core";
import { parseSavedModel, SAVED_MODEL_FILE, selectMetaGraph } from "@servable/saved-model";
import type { EngineModel, OpenRequest } from "../engine/engine.js";
import type { LimitOptions } from "../engine/limits.js";
import { configOf, runOptionsOf, type SessionOptions } from "./config.js";
import { type DeviceBytes, estimateFor, growthOf, resourcesOf } from "./device-memory.js";
import { type DeviceMeter, deviceMeter } from "./device-meter.js";
import { type Device, devicesOf } from "./devices.js";
import { atExit } from "./exit.js";
import { type Library, openLibrary } from "./library.js";
import { type LocalFolder, localFolder } from "./local-files.js";
import { NativeCalls } from "./native-model.js";
import { nativeSeats } from "./seats.js";
import { NativeSession } from "./session.js";
import { type Halves, type NativeSignature, nativeSignatures } from "./signatures.js";
import { checked, errorOfStatus } from "./status.js";

/** All that the engine was told, with its defaults. */
export interface NativeSettings extends SessionOptions, Required<LimitOptions> {
  readonly library: string;
  readonly maxCallsInFlight: number;
  readonly halves: Halves;
}

/**
 * What the next model of these files will take of main memory, and of the first device that has memory of its own.
 * @throws ServingError where the library cannot be loaded
 */
export async function estimateNative(settings: NativeSettings, files: readonly FileEntry[]): Promise<ResourceEstimate> {
  const { api } = await openLibrary(settings.library);
  const { devices } = await inTurn(() => deviceMeter(api, configOf(settings)));
  return estimateFor(devices, files);
}

/**
 * Loads a model into TensorFlow.
 * @throws the reason of `request.signal` when it aborts; ServingError or SavedModelError otherwise
 */
export async function openNative(settings: NativeSettings, request: OpenRequest): Promise<EngineModel> {
  const { files, tags, signal, report } = request;
  const library = await openLibrary(settings.library);
  signal.throwIfAborted();
  report({ stage: "parse" });
  const metaGraph = selectMetaGraph(parseSavedModel(await files.read(SAVED_MODEL_FILE)), tags);
  const signatures = nativeSignatures(metaGraph, settings.halves);
  const folder = await localFolder(files, { signal, report });
  try {
    const loaded = await inTurn(async () => {
      signal.throwIfAborted();
      report({ stage: "load" });
      const meter = await deviceMeter(library.api, configOf(settings));
      return weighed(meter, () => openSession(library, { ...settings, folder: folder.path, tags, signatures }));
    });
    const model = modelOf({ ...loaded, settings, library, signatures, folder, files: await files.list() });
    if (signal.aborted) await model.close();
    signal.throwIfAborted();
    return model;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

interface Weight {
  /** By how much the process's resident set grew with it. */
  readonly rssBytes: number;
  /** By how much each device grew with it, of those that tell. */
  readonly deviceBytes: DeviceBytes;
}

/** What loading adds. Calls of other models that begin or end meanwhile are weighed with it. */
async function weighed<T extends object>(meter: DeviceMeter, load: () => Promise<T>): Promise<T & Weight> {
  const before = await meter.inUse();
  const rssBefore = process.memoryUsage.rss();
  const loaded = await load();
  const rssBytes = Math.max(process.memoryUsage.rss() - rssBefore, 0);
  return { ...loaded, rssBytes, deviceBytes: growthOf(before, await meter.inUse()) };
}

/** Loads one model after another: each keeps processors and a thread of the pool busy. */
function inTurn<T>(load: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const job = (ended: () => void): void => void load().then(resolve, reject).finally(ended);
    waitingLoads.push(job);
    nativeSeats().wake(loads);
  });
}

const waitingLoads: ((ended: () => void) => void)[] = [];
const loads = { limit: 1, next: () => waitingLoads.shift() };

interface SessionSettings extends NativeSettings {
  readonly folder: string;
  readonly tags: readonly string[];
  readonly signatures: ReadonlyMap<string, NativeSignature>;
}

interface Opened {
  readonly session: NativeSession;
  readonly devices: readonly Device[];
}

async function openSession({ api }: Library, settings: SessionSettings): Promise<Opened> {
  const { folder, tags, signatures, timeoutMs } = settings;
  const config = configOf(settings);
  const status = api.newStatus();
  const sessionOptions = api.newSessionOptions();
  const graph = api.newGraph();
  try {
    checked(api, (each) => api.setConfig(sessionOptions, config, each));
    const session = await api.loadSession({ sessionOptions, folder, tags, graph, status });
    const error = errorOfStatus(api.code(status), api.message(status));
    if (error !== undefined) throw error;
    const runOptions = runOptionsOf(settings, timeoutMs);
    return {
      devices: devicesOf(api, session),
      session: new NativeSession({ api, session, graph, signatures, runOptions }),
    };
  } catch (error) {
    api.deleteGraph(graph);
    throw error;
  } finally {
    api.deleteSessionOptions(sessionOptions);
    api.deleteStatus(status);
  }
}

interface ModelParts extends Opened, Weight {
  readonly settings: NativeSettings;
  readonly library: Library;
  readonly signatures: ReadonlyMap<string, NativeSignature>;
  readonly folder: LocalFolder;
  readonly files: readonly FileEntry[];
}

function modelOf({
  session,
  devices,
  settings,
  library,
  signatures,
  folder,
  rssBytes,
  deviceBytes,
  files,
}: ModelParts): EngineModel {
  const calls = new NativeCalls(session, { ...settings, seats: nativeSeats(), clock: systemClock });
  const forget = atExit(() => session.cancel());
  const close = async (): Promise<void> => {
    try {
      await calls.close();
    } finally {
      forget();
      await folder[Symbol.asyncDispose]();
    }
  };
  return {
    signatures: Object.fromEntries([...signatures].map(([name, { signature }]) => [name, signature])),
    concurrency: settings.maxCallsInFlight,
    resources: resourcesOf({ devices, files, rssBytes, deviceBytes }),
    describe: () => ({
      engine: "native",
      tensorFlow: library.version,
      library: library.path,
      devices,
      rssBytes,
      deviceBytes,
      callsInFlight: calls.inFlight,
    }),
    run: (call, signal) => calls.run(call, signal),
    close,
  };
}
