import {
  DEFAULT_SIGNATURE,
  type Dependency,
  formatId,
  type Loader,
  type NamedTensors,
  type Predictor,
  ServingError,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "@servable/core";
import { nameError } from "../name-error.js";
import { PREDICT_METHOD } from "../predictor/make-predictor.js";
import { type Combination, mean, vote } from "./combine.js";
import { type CompositeCall, composite } from "./composite.js";
import type { Part } from "./part.js";

/** Makes one answer of those of the parts, by the parts' names. */
export type CombineFunction<K extends string = string> = (
  answers: Readonly<Record<K, NamedTensors>>,
  call: CompositeCall,
) => NamedTensors | Promise<NamedTensors>;

/** Options of {@link ensemble}. */
export interface EnsembleOptions<K extends string = string> {
  /** The servables that are asked, under names of your choice. */
  readonly parts: Readonly<Record<K, Dependency>>;
  /**
   * How their answers become one, output by output and element by element: `mean` of floats; `vote` of integers, bools
   * and strings, the value that most give, of equally many the one of the first part; or a function of all answers.
   */
  readonly combine: "mean" | "vote" | CombineFunction<K>;
  /** The signature of the parts that is called, and the only one of the ensemble. @defaultValue "serving_default" */
  readonly signature?: string;
}

/**
 * A loader of a predictor that asks several servables the same and combines their answers; see {@link composite}. All
 * are asked at once; if one fails, the call fails and the others are aborted.
 * @throws ServingError INVALID_ARGUMENT without parts or for an unknown `combine`. Loading fails with
 * FAILED_PRECONDITION if the parts do not have the same signature, or it cannot be combined that way
 */
export function ensemble<K extends string>(options: EnsembleOptions<K>): Loader<Predictor> {
  const { parts, combine, signature = DEFAULT_SIGNATURE } = options;
  const rule = typeof combine === "function" ? undefined : ruleOf(combine);
  const merge = typeof combine === "function" ? combine : byElement(ruleOf(combine));
  return composite({
    parts,
    signatures: (parts) => {
      const shared = sharedSignature(parts, signature);
      if (rule !== undefined) checkOutputs(shared, rule);
      return { [signature]: shared };
    },
    async run(parts, inputs, call) {
      const asked = Object.entries<Part>(parts).map(async ([key, part]): Promise<[string, NamedTensors]> => {
        const { signature, outputs } = call;
        return [key, await part.predict(inputs, { signature, outputs })];
      });
      // The entries are those of the parts, whose keys K are.
      return merge(Object.fromEntries(await Promise.all(asked)) as Record<K, NamedTensors>, call);
    },
  });
}

interface Rule {
  readonly name: string;
  readonly combination: Combination;
}

function ruleOf(name: "mean" | "vote"): Rule {
  if (name === "mean") return { name, combination: mean };
  if (name === "vote") return { name, combination: vote };
  throw new ServingError("INVALID_ARGUMENT", `combine is mean, vote or a function, not ${String(name)}`);
}

function byElement({ combination }: Rule): CombineFunction {
  return (answers, { outputs }) =>
    Object.fromEntries(
      outputs.map((name) => {
        const tensors = Object.entries(answers).map(([key, answer]) => given(answer, { key, name }));
        try {
          return [name, combination.combine(tensors)];
        } catch (error) {
          throw nameError(error, `output ${name}`, "INTERNAL");
        }
      }),
    );
}

function given(answer: NamedTensors, { key, name }: { readonly key: string; readonly name: string }): Tensor {
  const tensor = Object.hasOwn(answer, name) ? answer[name] : undefined;
  if (tensor === undefined) throw new ServingError("INTERNAL", `${key} did not give output ${name}`);
  return tensor;
}

function sharedSignature(parts: Readonly<Record<string, Part>>, name: string): Signature {
  let first: readonly [string, Signature] | undefined;
  for (const [key, part] of Object.entries(parts)) {
    const called = Object.hasOwn(part.signatures, name) ? part.signatures[name] : undefined;
    if (called === undefined) {
      const there = Object.keys(part.signatures).join(", ");
      throw mismatch(`${key}: ${formatId(part.id)} has no signature ${name}; it has ${there}`);
    }
    const own = { inputs: bare(called.inputs), outputs: bare(called.outputs), methodName: PREDICT_METHOD };
    first ??= [key, own];
    for (const side of ["inputs", "outputs"] as const) {
      const [one, other] = [written(first[1][side]), written(own[side])];
      if (one !== other) throw mismatch(`${first[0]} and ${key} have different ${side}: ${one}; ${other}`);
    }
  }
  if (first === undefined) throw new ServingError("INTERNAL", "an ensemble without parts");
  return first[1];
}

function checkOutputs({ outputs }: Signature, { name: combine, combination }: Rule): void {
  const unfit = Object.entries(outputs).find(([, { dtype }]) => !combination.takes(dtype));
  if (unfit === undefined) return;
  const [name, { dtype }] = unfit;
  throw mismatch(`output ${name} is ${dtype}, which has no ${combine}; combine the answers by a function`);
}

/** Without the names that tensors have in the graph of one part, in the order of names. */
function bare(specs: Readonly<Record<string, TensorSpec>>): Record<string, TensorSpec> {
  const names = Object.keys(specs).sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const spec = specs[name];
      return spec === undefined ? [] : [[name, { dtype: spec.dtype, shape: spec.shape }]];
    }),
  );
}

function written(specs: Readonly<Record<string, TensorSpec>>): string {
  return Object.entries(specs)
    .map(
      ([name, { dtype, shape }]) =>
        `${name} ${dtype} ${shape === undefined ? "of any shape" : `[${shape.join(", ")}]`}`,
    )
    .join(", ");
}

function mismatch(message: string): ServingError {
  return new ServingError("FAILED_PRECONDITION", message);
}
