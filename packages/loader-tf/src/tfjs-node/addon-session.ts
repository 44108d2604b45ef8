import { ServingError, type Tensor } from "@servable/core";
import {
  parseSavedModel,
  SAVED_MODEL_FILE,
  type SavedSignature,
  selectMetaGraph,
  signaturesOf,
} from "@servable/saved-model";
import type { Call } from "../call.js";
import type { HostedModel, HostRequest, LoadOrder } from "../engine/host.js";
import { errorOfStatus } from "../native/status.js";
import { type Addon, type AddonTensor, loadAddon } from "./addon.js";
import { createTensor, readTensor, unknownTypes } from "./addon-tensors.js";

/** What a thread of the engine tfjs-node is told of a model. */
export interface AddonOrder extends LoadOrder {
  readonly tags: readonly string[];
  /** Where the model lies in the local file system. */
  readonly folder: string;
  /** The folder of the package. */
  readonly package: string;
}

/** What a thread of the engine tfjs-node tells of a model. */
export interface AddonFacts {
  readonly tensorFlow: string;
  readonly usesGpu: boolean;
}

/** Numbers of TensorFlow's status codes, which the addon does not tell. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const DATA_LOSS = 15;

/**
 * Loads a model into the addon, on the calling thread, which is blocked while it loads and runs. Every load is a session
 * of its own, whatever lay at its path before.
 * @throws ServingError UNSUPPORTED for a model of whose signatures none can be called, or with an unknown operation
 */
export async function openSession({ files, order, signal }: HostRequest<AddonOrder>): Promise<HostedModel<AddonFacts>> {
  const addon = loadAddon(order.package);
  const metaGraph = selectMetaGraph(parseSavedModel(await files.read(SAVED_MODEL_FILE)), order.tags);
  const signatures = callable(signaturesOf(metaGraph));
  signal.throwIfAborted();
  const session = said(() => addon.loadSavedModel(order.folder, order.tags.join(",")));
  let isOpen = true;
  return {
    signatures,
    concurrency: 1,
    facts: { tensorFlow: addon.TF_Version, usesGpu: addon.isUsingGpuDevice() },
    run: async (call, callSignal) => {
      callSignal?.throwIfAborted();
      if (!isOpen) throw new ServingError("CANCELLED", "the model is unloaded");
      const signature = signatures[call.signature];
      if (signature === undefined)
        throw new ServingError("INVALID_ARGUMENT", `there is no signature ${call.signature}`);
      return run({ addon, session, signature }, call);
    },
    close: async () => {
      if (isOpen) addon.deleteSavedModel(session);
      isOpen = false;
    },
  };
}

/** The signatures whose types the addon knows. */
function callable(signatures: ReadonlyMap<string, SavedSignature>): Readonly<Record<string, SavedSignature>> {
  const judged = [...signatures].map(([name, signature]) => ({ name, signature, unknown: unknownTypes(signature) }));
  const known = judged.filter(({ unknown }) => unknown.length === 0);
  if (known.length > 0 || judged.length === 0) {
    return Object.fromEntries(known.map(({ name, signature }) => [name, signature]));
  }
  const reasons = judged.map(({ name, unknown }) => `signature ${name}: ${unknown.join(", ")}`).join("; ");
  const message = `tfjs-node does not know the types of this model (${reasons}); use the engine native`;
  throw new ServingError("UNSUPPORTED", message);
}

interface Session {
  readonly addon: Addon;
  readonly session: number;
  readonly signature: SavedSignature;
}

function run({ addon, session, signature }: Session, { inputs, outputs }: Call): Record<string, Tensor> {
  if (outputs.length === 0) return {};
  const held: number[] = [];
  try {
    const names = Object.keys(signature.inputs);
    const fed = names.map((name) => {
      const tensor = inputs[name];
      if (tensor === undefined) throw new ServingError("INVALID_ARGUMENT", `input ${name} is missing`);
      const id = createTensor(addon, tensor);
      held.push(id);
      return id;
    });
    const feeds = names.map((name) => signature.inputs[name]?.tensorName).join();
    const wanted = outputs.flatMap((name) => {
      const spec = signature.outputs[name];
      return spec === undefined ? [] : [{ name, spec }];
    });
    const fetches = wanted.map(({ spec }) => spec.tensorName).join();
    const given: readonly AddonTensor[] = said(() => addon.runSavedModel(session, fed, feeds, fetches));
    held.push(...given.map(({ id }) => id));
    return Object.fromEntries(
      wanted.map(({ name, spec }, at) => [name, readTensor(addon, given[at] as AddonTensor, spec.dtype)]),
    );
  } finally {
    for (const id of held) addon.deleteTensor(id);
  }
}

/** Calls what throws TensorFlow's messages without their codes, of which some can be told by the words. */
function said<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [, stage, message] = /^(Failed to load SavedModel|Session fail to run with error): (.*)$/s.exec(text) ?? [];
    throw errorOfStatus(codeOf(stage, text), message ?? text) ?? error;
  }
}

function codeOf(stage: string | undefined, text: string): number {
  if (/OOM when allocating|out of memory/i.test(text)) return RESOURCE_EXHAUSTED;
  if (stage === undefined) return INTERNAL;
  // What fails in a call is, as a rule, due to what was fed.
  return stage.startsWith("Failed to load") ? DATA_LOSS : INVALID_ARGUMENT;
}
