import { expect, it } from "vitest";
import { ServingError } from "../../errors.js";
import type { NamedTensors, PredictOptions, Predictor, TensorSpec } from "../../predictor.js";
import { tensor } from "../../tensor/nested.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ContractCase } from "./contract.js";
import { contractProof } from "./contract-proof.js";
import { type PredictorExample, predictorContract } from "./predictor-contract.js";

const FAULTS = {
  "declares no signature": "declares signatures that are well formed",
  "declares half a size": "declares signatures that are well formed",
  "declares a dtype that there is not": "declares signatures that are well formed",
  "wants no call in flight": "declares signatures that are well formed",
  "answers a little wrong": "answers its examples",
  "answers with nothing in place of not-a-number": "answers its examples",
  "answers with an output too many": "answers its examples",
  "answers in another dtype": "answers its examples",
  "answers in another shape": "answers its examples",
  "declares another dtype": "gives the dtypes and shapes that it declares",
  "declares another size": "gives the dtypes and shapes that it declares",
  "declares an output that it does not give": "gives the dtypes and shapes that it declares",
  "gives all outputs whatever is asked for": "gives only the outputs that are asked for",
  "takes any signature": "refuses a signature that it does not have, by name",
  "looks signatures up in an object": "refuses a signature that it does not have, by name",
  "takes a missing input for nothing": "refuses a call that lacks an input, by name",
  "does not name what is missing": "refuses a call that lacks an input, by name",
  "ignores inputs that it does not have": "refuses an input that it does not have, by name",
  "takes any dtype": "refuses an input of another dtype, by name",
  "fails inside for another dtype": "refuses an input of another dtype, by name",
  "takes any shape": "refuses an input of another shape, by name",
  "takes any size": "refuses an input of another shape, by name",
  "ignores outputs that it does not have": "refuses an output that it does not have, by name",
  "works in the memory of its inputs": "leaves inputs as they were",
  "answers with its inputs where they are the answer": "leaves inputs as they were",
  "answers with the same memory again": "gives results that are the caller's own",
  "remembers its last result": "gives results that are the caller's own",
  "works in one buffer": "keeps many calls apart",
  "runs for a signal that has aborted": "is cancelled by a signal that has aborted",
  "fails with the reason of an abort": "is cancelled by a signal that has aborted",
  "fails in its own way when it is aborted": "answers or is cancelled when its signal aborts meanwhile, and goes on",
  "is of no use after an abort": "answers or is cancelled when its signal aborts meanwhile, and goes on",
  "throws at once": "fails by its promise, and throws nothing",
} as const;

type Fault = keyof typeof FAULTS;

const invalid = (text: string): ServingError => new ServingError("INVALID_ARGUMENT", text);
const floats = (data: Float32Array, shape: readonly number[]): Tensor => ({ dtype: "float32", shape, data });

/** Gives x / 2 + 2 as `half` and the sizes of its rows as `sizes`. */
class Half implements Predictor, AsyncDisposable {
  readonly #fault: Fault | undefined;
  readonly #buffer = new Float32Array(8);
  #last: Record<string, Tensor> | undefined;
  #dead = false;
  readonly concurrency: number;
  readonly signatures: Predictor["signatures"];

  constructor(fault: Fault | undefined) {
    this.#fault = fault;
    this.concurrency = fault === "wants no call in flight" ? 0 : 2;
    const dtype = fault === "declares another dtype" ? "float64" : "float32";
    const size = fault === "declares half a size" ? 0.5 : fault === "declares another size" ? 3 : 2;
    const inputs: Record<string, TensorSpec> = {
      x: { dtype: "float32", shape: [-1, 2] },
      ...(fault === "declares a dtype that there is not" && { y: { dtype: "float" as "float32", shape: [] } }),
    };
    const half: TensorSpec = { dtype, shape: [-1, size] };
    const more = fault === "declares an output that it does not give" && { more: half };
    const outputs = { half, name: { dtype: "string", shape: undefined } as const, ...more };
    const found = { serving_default: { inputs, outputs, methodName: "" } };
    this.signatures = fault === "declares no signature" ? {} : found;
  }

  predict(inputs: NamedTensors, options: PredictOptions = {}): Promise<Record<string, Tensor>> {
    if (this.#fault === "throws at once") this.#check(inputs, options);
    return this.#run(inputs, options);
  }

  async #run(inputs: NamedTensors, options: PredictOptions): Promise<Record<string, Tensor>> {
    const fault = this.#fault;
    if (options.signal?.aborted === true && fault !== "runs for a signal that has aborted") {
      if (fault === "fails with the reason of an abort") throw options.signal.reason;
      throw new ServingError("CANCELLED", "it was aborted");
    }
    this.#check(inputs, options);
    const all = await this.#answer(inputs.x ?? tensor([[0, 0]]), options);
    if (this.#dead) throw new ServingError("INTERNAL", "it is broken");
    const names = fault === "gives all outputs whatever is asked for" ? undefined : options.outputs;
    return Object.fromEntries(Object.entries(all).filter(([name]) => names?.includes(name) ?? true));
  }

  #check(inputs: NamedTensors, { signature = "serving_default", outputs = [] }: PredictOptions): void {
    const fault = this.#fault;
    const known =
      fault === "looks signatures up in an object" ? signature in this.signatures : signature === "serving_default";
    if (!known && fault !== "takes any signature") throw invalid(`there is no signature ${signature}`);
    for (const name of outputs) {
      if (["half", "name"].includes(name) || fault === "ignores outputs that it does not have") continue;
      throw invalid(`there is no output ${name}`);
    }
    const { x, ...others } = inputs;
    const [other] = Object.keys(others);
    if (other !== undefined && fault !== "ignores inputs that it does not have")
      throw invalid(`there is no input ${other}`);
    if (x === undefined && fault === "does not name what is missing") throw invalid("something is missing");
    if (x === undefined && fault !== "takes a missing input for nothing") throw invalid("input x is missing");
    if (x === undefined) return;
    if (x.dtype !== "float32" && fault === "fails inside for another dtype") throw new TypeError("x is no float32");
    if (x.dtype !== "float32" && fault !== "takes any dtype") throw invalid("input x must be float32");
    const fits = x.shape.length === 2 && (x.shape[1] === 2 || fault === "takes any size");
    if (!fits && fault !== "takes any shape") throw invalid("input x must have shape [?, 2]");
  }

  async #answer(x: Tensor, { signal }: PredictOptions): Promise<Record<string, Tensor>> {
    const fault = this.#fault;
    if (this.#last !== undefined && fault === "remembers its last result") return this.#last;
    const { length } = x.data;
    const own = fault === "works in one buffer" || fault === "answers with the same memory again";
    const target = own ? this.#buffer.subarray(0, length) : new Float32Array(length);
    for (let at = 0; at < length; at++)
      target[at] = Number(x.data[at]) / 2 + (fault === "answers a little wrong" ? 2.01 : 2);
    if (fault === "works in the memory of its inputs" && x.data instanceof Float32Array) x.data.set(target);
    await Promise.resolve();
    if (signal?.aborted === true && fault !== "runs for a signal that has aborted") {
      if (fault === "is of no use after an abort") this.#dead = true;
      if (fault === "fails in its own way when it is aborted") throw new Error("stopped");
      throw new ServingError("CANCELLED", "it was aborted");
    }
    if (fault === "answers with nothing in place of not-a-number") {
      for (const [at, value] of target.entries()) if (Number.isNaN(value)) target[at] = 0;
    }
    const data = fault === "works in one buffer" ? target.slice() : target;
    const shape = fault === "answers in another shape" ? [length] : x.shape;
    const half = fault === "answers in another dtype" ? tensor([...data], "float64") : floats(data, shape);
    const same = fault === "answers with its inputs where they are the answer" && data.join() === x.data.join();
    const given = same ? { ...half, data: x.data } : half;
    const more = fault === "answers with an output too many" && { more: half };
    this.#last = { half: given, name: tensor(["half"]), ...more };
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const EXAMPLES: readonly PredictorExample[] = [
  {
    inputs: {
      x: tensor([
        [1, 2],
        [3, Number.NaN],
      ]),
    },
    outputs: {
      half: tensor([
        [2.5, 3],
        [3.5, Number.NaN],
      ]),
      name: tensor(["half"]),
    },
  },
  {
    signature: "serving_default",
    inputs: { x: tensor([[5, 6]]) },
    outputs: { half: tensor([[4.5, 5]]), name: tensor(["half"]) },
  },
  { inputs: { x: tensor([[4, 4]]) }, outputs: { half: tensor([[4, 4]]), name: tensor(["half"]) } },
];

const contract = (fault?: Fault): readonly ContractCase[] =>
  predictorContract({
    examples: EXAMPLES,
    tolerance: 1e-3,
    create: async () => {
      const servable = new Half(fault);
      return { servable, [Symbol.asyncDispose]: () => servable[Symbol.asyncDispose]() };
    },
  });

for (const { name, run } of contractProof(contract, FAULTS)) it(name, run);

it("wants examples", async () => {
  const create = async () => ({ servable: new Half(undefined), async [Symbol.asyncDispose]() {} });
  const answers = predictorContract({ create, examples: [] }).find(({ name }) => name === "answers its examples");
  await expect(answers?.run()).rejects.toThrow("no example with an input");
});
