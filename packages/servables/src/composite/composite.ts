import {
  type Dependency,
  formatId,
  type LoadContext,
  type Loaded,
  type Loader,
  type NamedTensors,
  type Predictor,
  ServingError,
  type Signature,
} from "@servable/core";
import { nameError } from "../name-error.js";
import { type Method, type MethodCall, makePredictor } from "../predictor/make-predictor.js";
import type { Part } from "./part.js";
import { borrowParts } from "./parts-call.js";

/** What `run` is told of a call. */
export interface CompositeCall {
  /** The signature that is called. */
  readonly signature: string;
  /** Names of the outputs wanted; more may be given, and are left out. */
  readonly outputs: readonly string[];
  /** Aborts when the caller's does. The parts hear it without being told. */
  readonly signal: AbortSignal;
}

/** Signatures by their names. */
export type Signatures = Readonly<Record<string, Signature>>;

/** Options of {@link composite}. */
export interface CompositeOptions<K extends string, P extends Readonly<Record<K, Part>>> {
  /** The servables that are called, under names for `run`. One of them means one version of it for a whole call. */
  readonly parts: Readonly<Record<K, Dependency>>;
  /** How the composite can be called; a function is asked when it is loaded. */
  readonly signatures: Signatures | ((parts: P) => Signatures);
  /** Answers a call, with inputs that fit the signature. What it gives must have the outputs wanted. */
  run(parts: P, inputs: NamedTensors, call: CompositeCall): NamedTensors | Promise<NamedTensors>;
}

/**
 * A loader of a predictor that is made of other servables of the manager. It is loaded once they are available,
 * unloaded when one is not any more, and closed before them; a cycle fails.
 *
 * Each call borrows one version of each part at its start and gives all back at its end, when `run` and what it has
 * begun have settled. When the caller's signal aborts, the call fails at once. Parts that can do more than `predict`
 * are typed at the parameter of `run`: `({ words }: { words: Part<LookupTable> }) => …`.
 * @throws ServingError INVALID_ARGUMENT without parts. Loading fails with FAILED_PRECONDITION for a part that is no
 * predictor; calls fail with what a part fails with, composite and part named
 */
export function composite<K extends string, P extends Readonly<Record<K, Part>> = Readonly<Record<K, Part>>>(
  options: CompositeOptions<K, P>,
): Loader<Predictor> {
  const { parts: dependencies } = options;
  const names = Object.entries<Dependency>(dependencies);
  if (names.length === 0) throw new ServingError("INVALID_ARGUMENT", "a composite needs at least one part");
  return {
    dependencies: distinct(names.map(([, dependency]) => dependency)),
    async load(context) {
      context.signal.throwIfAborted();
      try {
        const { signatures, concurrency } = resolve(context, options);
        const methods = Object.entries(signatures).map(([name, signature]): [string, Method] => [
          name,
          { signature, run: (inputs, call) => answer(context, options, { inputs, call }) },
        ]);
        return loadedComposite({ ...makePredictor(context.id, Object.fromEntries(methods)), concurrency }, names);
      } catch (error) {
        throw nameError(error, formatId(context.id), "LOAD_FAILED");
      }
    },
  };
}

interface Resolved {
  readonly signatures: Signatures;
  readonly concurrency: number;
}

/** What is taken from the parts when the composite is loaded. */
function resolve<K extends string, P extends Readonly<Record<K, Part>>>(
  { servables, signal }: LoadContext,
  { parts: dependencies, signatures }: CompositeOptions<K, P>,
): Resolved {
  const call = borrowParts(servables, { dependencies, signal });
  try {
    const parts = Object.values<Part>(call.parts);
    return {
      signatures: typeof signatures === "function" ? signatures(typed(call.parts)) : signatures,
      concurrency: Math.min(...parts.map(({ concurrency = 1 }) => concurrency)),
    };
  } finally {
    call.end();
  }
}

interface Asked {
  readonly inputs: NamedTensors;
  readonly call: MethodCall;
}

// Not an async function: it borrows before it returns.
function answer<K extends string, P extends Readonly<Record<K, Part>>>(
  { servables }: LoadContext,
  options: CompositeOptions<K, P>,
  { inputs, call: { signature, outputs, signal } }: Asked,
): Promise<NamedTensors> {
  const call = borrowParts(servables, { dependencies: options.parts, signal });
  const work = (async () => options.run(typed(call.parts), inputs, { signature, outputs, signal: call.signal }))();
  const answered = orAborted(work, call.signal);
  // Noted after the answer, since the end aborts the signal as well.
  const end = (): void => call.end();
  void work.then(end, end);
  return answered;
}

/** All are predictors, which has been checked; what more they are is the caller's word. */
function typed<P extends Readonly<Record<string, Part>>>(parts: Readonly<Record<string, Part>>): P {
  return parts as P;
}

/** Fails at once when `signal` aborts, whether or not the work hears it. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function loadedComposite(servable: Predictor, parts: readonly (readonly [string, Dependency])[]): Loaded<Predictor> {
  return {
    servable,
    describe: () => ({ parts: Object.fromEntries(parts.map(([key, dependency]) => [key, written(dependency)])) }),
    // It holds nothing between calls.
    async [Symbol.asyncDispose]() {},
  };
}

function distinct(dependencies: readonly Dependency[]): readonly Dependency[] {
  const known = new Map(dependencies.map((each) => [written(each), each]));
  return [...known.values()];
}

/** `encoder`, `encoder/3`, `encoder (stable)`. */
function written({ name, version, label }: Dependency): string {
  if (label !== undefined) return `${name} (${label})`;
  return version === undefined ? name : `${name}/${version}`;
}
