import type { ServingErrorCode } from "../../errors.js";
import type { Loaded } from "../../loader.js";
import { DEFAULT_SIGNATURE, type NamedTensors, type Predictor, type TensorSpec } from "../../predictor.js";
import type { DType } from "../../tensor/dtype.js";
import { allocate } from "../../tensor/dtype.js";
import { sizeOf, type Tensor } from "../../tensor/tensor.js";
import { claim, claimCode, claimSame, short } from "./claim.js";
import { type ContractCase, type ContractOptions, contractOf } from "./contract.js";
import { claimFits, claimSignatures, claimTensors, copyTensors, scribble } from "./tensor-claims.js";

/** A call, and what it must give. */
export interface PredictorExample {
  /** @defaultValue "serving_default" */
  readonly signature?: string;
  readonly inputs: NamedTensors;
  /** All outputs of the signature. */
  readonly outputs: NamedTensors;
}

/** A predictor, and calls on it whose results are known. */
export interface PredictorSubject extends ContractOptions {
  /** A predictor for one case, disposed after it: what a loader's `load` gives. */
  readonly create: () => Promise<Pick<Loaded<Predictor>, "servable" | typeof Symbol.asyncDispose>>;
  /** At least one, with an input. */
  readonly examples: readonly PredictorExample[];
  /**
   * By how much numbers may differ from an example, as a part of them above 1.
   * @defaultValue 0
   */
  readonly tolerance?: number | undefined;
}

const MANY = 8;
const UNKNOWN = "contract_has_no_such_name";

/** What every {@link Predictor} does. */
export function predictorContract(subject: PredictorSubject): readonly ContractCase[] {
  const { create, examples, tolerance = 0 } = subject;

  /** Runs `work` on a predictor of its own. */
  const withPredictor = (work: (predictor: Predictor) => Promise<void>) => async (): Promise<void> => {
    await using made = await create();
    await work(made.servable);
  };

  const ask = (predictor: Predictor, { signature, inputs }: PredictorExample): Promise<NamedTensors> =>
    predictor.predict(copyTensors(inputs), signature === undefined ? {} : { signature });

  const claimAnswer = (found: NamedTensors, example: PredictorExample, what: string): void =>
    claimTensors(found, example.outputs, { tolerance, what });

  /** Claims that a call which differs from the first example is refused, by the name of what is wrong with it. */
  const refuses = (change: (example: PredictorExample, specs: Specs) => Changed) =>
    withPredictor(async (predictor) => {
      const example = exampleOf(examples);
      const { signature = DEFAULT_SIGNATURE } = example;
      const specs = predictor.signatures[signature];
      claim(specs !== undefined, `an example calls signature ${signature}, which the predictor does not declare`);
      for (const { name, ...call } of [change(example, specs)].flat()) {
        const { inputs = example.inputs, outputs } = call;
        const options = { signature: call.signature ?? signature, ...(outputs && { outputs }) };
        const what = `a call with ${call.what}`;
        const message = await claimCode(() => predictor.predict(copyTensors(inputs), options), INVALID, what);
        claim(message.includes(name), `the error of ${what} does not name ${name}: ${message}`);
      }
      claimAnswer(await ask(predictor, example), example, "a call after those that were refused");
    });

  return contractOf(
    "predictorContract",
    {
      "declares signatures that are well formed": withPredictor(async ({ signatures, concurrency }) => {
        claimSignatures(signatures);
        const good = concurrency === undefined || concurrency >= 1;
        claim(good, `concurrency is ${short(concurrency)}; at least one call is worth having in flight`);
      }),
      "answers its examples": withPredictor(async (predictor) => {
        exampleOf(examples);
        for (const [at, example] of examples.entries())
          claimAnswer(await ask(predictor, example), example, `example ${at}`);
      }),
      "gives the dtypes and shapes that it declares": withPredictor(async (predictor) => {
        for (const example of examples) {
          const { signature = DEFAULT_SIGNATURE } = example;
          const found = await ask(predictor, example);
          const { outputs = {} } = predictor.signatures[signature] ?? {};
          claimSame(Object.keys(found).sort(), Object.keys(outputs).sort(), `the outputs of signature ${signature}`);
          for (const [name, spec] of Object.entries(outputs)) claimFits(found[name], spec, `output ${name}`);
        }
      }),
      "gives only the outputs that are asked for": withPredictor(async (predictor) => {
        for (const example of examples) {
          const { signature = DEFAULT_SIGNATURE, inputs, outputs } = example;
          for (const [name, tensor] of Object.entries(outputs)) {
            const found = await predictor.predict(copyTensors(inputs), { signature, outputs: [name] });
            claimTensors(found, { [name]: tensor }, { tolerance, what: `a call for output ${name} alone` });
          }
        }
      }),
      "refuses a signature that it does not have, by name": refuses(() =>
        [UNKNOWN, "toString", "__proto__"].map((name) => ({ name, what: `signature ${name}`, signature: name })),
      ),
      "refuses a call that lacks an input, by name": refuses(({ inputs }) =>
        Object.keys(inputs).map((name) => {
          const others = Object.fromEntries(Object.entries(inputs).filter(([each]) => each !== name));
          return { name, what: `no input ${name}`, inputs: others };
        }),
      ),
      "refuses an input that it does not have, by name": refuses(({ inputs }) => {
        const [first] = Object.values(inputs);
        const extra = first === undefined ? {} : { [UNKNOWN]: first };
        return { name: UNKNOWN, what: "an input too many", inputs: { ...inputs, ...extra } };
      }),
      "refuses an input of another dtype, by name": refuses(({ inputs }) =>
        Object.entries(inputs).map(([name, { dtype, shape }]) => {
          const other: DType = dtype === "int64" ? "float32" : "int64";
          return { name, what: `input ${name} as ${other}`, inputs: { ...inputs, [name]: blank(other, shape) } };
        }),
      ),
      "refuses an input of another shape, by name": refuses(({ inputs }, specs) => {
        const wrong = Object.entries(specs.inputs).flatMap(([name, spec]) =>
          misshapen(spec, inputs[name]).map((tensor) => ({
            name,
            what: `input ${name} of shape [${tensor.shape.join()}]`,
            inputs: { ...inputs, [name]: tensor },
          })),
        );
        claim(wrong.length > 0, "the first example has no input of a declared shape; put another first, or skip this");
        return wrong;
      }),
      "refuses an output that it does not have, by name": refuses(() =>
        [UNKNOWN, "toString"].map((name) => ({ name, what: `output ${name}`, outputs: [name] })),
      ),
      "leaves inputs as they were": withPredictor(async (predictor) => {
        for (const { signature = DEFAULT_SIGNATURE, inputs } of examples) {
          const given = copyTensors(inputs);
          const found = await predictor.predict(given, { signature });
          claimTensors(given, inputs, { tolerance: 0, what: "the inputs after a call" });
          scribble(found);
          claimTensors(given, inputs, { tolerance: 0, what: "the inputs after the results were overwritten" });
        }
      }),
      "gives results that are the caller's own": withPredictor(async (predictor) => {
        for (const example of examples) {
          const first = await ask(predictor, example);
          const kept = copyTensors(first);
          const second = await ask(predictor, example);
          scribble(second);
          claimTensors(first, kept, { tolerance: 0, what: "a result after that of a later call was overwritten" });
          claimAnswer(await ask(predictor, example), example, "a call after an earlier result was overwritten");
        }
      }),
      "keeps many calls apart": withPredictor(async (predictor) => {
        const many = Array.from({ length: MANY }, () => examples).flat();
        const answers = await Promise.all(many.map((example) => ask(predictor, example)));
        for (const [at, found] of answers.entries()) {
          claimAnswer(found, many[at] ?? exampleOf(examples), `call ${at} of many at a time`);
        }
      }),
      "is cancelled by a signal that has aborted": withPredictor(async (predictor) => {
        const { inputs, signature = DEFAULT_SIGNATURE } = exampleOf(examples);
        const call = (): unknown => predictor.predict(copyTensors(inputs), { signature, signal: AbortSignal.abort() });
        await claimCode(call, "CANCELLED", "a call with a signal that has aborted");
      }),
      "answers or is cancelled when its signal aborts meanwhile, and goes on": withPredictor(async (predictor) => {
        const example = exampleOf(examples);
        const { inputs, signature = DEFAULT_SIGNATURE } = example;
        const controller = new AbortController();
        const calls = Array.from({ length: MANY }, () =>
          outcomeOf(predictor.predict(copyTensors(inputs), { signature, signal: controller.signal })),
        );
        controller.abort();
        for (const outcome of await Promise.all(calls)) {
          if ("value" in outcome) claimAnswer(outcome.value, example, "a call that was done before it was aborted");
          else await claimCode(() => Promise.reject(outcome.error), "CANCELLED", "a call that is aborted");
        }
        claimAnswer(await ask(predictor, example), example, "a call after those that were aborted");
      }),
      "fails by its promise, and throws nothing": withPredictor(async (predictor) => {
        const { inputs, signature = DEFAULT_SIGNATURE } = exampleOf(examples);
        const aborted = { signature, signal: AbortSignal.abort() };
        const calls = [() => predictor.predict({}, { signature: UNKNOWN }), () => predictor.predict(inputs, aborted)];
        for (const call of calls) {
          let promise: PromiseLike<unknown>;
          try {
            promise = call();
          } catch (error) {
            throw new Error(`predict() threw before it gave a promise: ${short(error)}`, { cause: error });
          }
          await outcomeOf(promise);
        }
      }),
    },
    subject,
  );
}

const INVALID: ServingErrorCode = "INVALID_ARGUMENT";

type Specs = Predictor["signatures"][string];

interface Change {
  /** What the error must name. */
  readonly name: string;
  readonly what: string;
  readonly signature?: string;
  readonly inputs?: NamedTensors;
  readonly outputs?: readonly string[];
}

type Changed = Change | readonly Change[];

function exampleOf(examples: readonly PredictorExample[]): PredictorExample {
  const [first] = examples;
  claim(first !== undefined && Object.keys(first.inputs).length > 0, "the subject has no example with an input");
  return first;
}

function blank(dtype: DType, shape: readonly number[]): Tensor {
  return { dtype, shape, data: allocate(dtype, sizeOf(shape)) };
}

/** Tensors that a spec does not allow: one of another rank, and one of another size where that is fixed. */
function misshapen({ dtype, shape }: TensorSpec, example: Tensor | undefined): readonly Tensor[] {
  if (shape === undefined || example === undefined) return [];
  const fixed = shape.findIndex((size) => size !== -1);
  const larger = example.shape.map((size, axis) => (axis === fixed ? size + 1 : size));
  const shapes = fixed === -1 ? [[1, ...example.shape]] : [[1, ...example.shape], larger];
  return shapes.map((each) => blank(dtype, each));
}

async function outcomeOf<T>(promise: PromiseLike<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
