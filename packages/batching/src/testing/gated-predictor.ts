import type { NamedTensors, PredictOptions, Predictor, Signature, Tensor } from "@servable/core";

/** One call that waits behind its gate. */
export interface GatedCall {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions;
  /** Lets it answer. */
  succeed(): Promise<void>;
  /** Lets it fail. */
  fail(error: unknown): Promise<void>;
}

/** A predictor whose calls end when a test says so. */
export interface GatedPredictor extends Predictor {
  /** Calls begun that have not ended, oldest first. */
  readonly pending: readonly GatedCall[];
  /** Calls begun, ever. */
  readonly begun: number;
}

const open = (dtype: "float32" | "string", ...shape: number[]): Signature["inputs"][string] => ({ dtype, shape });

/** Signatures: `serving_default` with `x` of [n, 2], `other` the same, `text` of any length, `whole` without a batch. */
export const SIGNATURES: Readonly<Record<string, Signature>> = {
  serving_default: of({ x: open("float32", -1, 2) }, { y: open("float32", -1, 2), sum: open("float32", -1) }),
  other: of({ x: open("float32", -1, 2) }, { y: open("float32", -1, 2) }),
  ragged: of({ x: open("float32", -1, -1) }, { y: open("float32", -1, -1) }),
  whole: of({ x: open("float32", 2) }, { y: open("float32", 2) }),
};

function of(inputs: Signature["inputs"], outputs: Signature["outputs"]): Signature {
  return { inputs, outputs, methodName: "tensorflow/serving/predict" };
}

/** What every signature answers: `y` is `x` plus one, `sum` the sum of each row. */
export function answerTo(inputs: NamedTensors, outputs?: readonly string[]): Record<string, Tensor> {
  const { x } = inputs;
  if (x === undefined || !(x.data instanceof Float32Array)) throw new Error("x must be float32");
  const values = x.data;
  const [rows = 0, width = 1] = x.shape;
  const sums = Float32Array.from({ length: rows }, (_, row) =>
    values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value, 0),
  );
  const all: Record<string, Tensor> = {
    y: { dtype: "float32", shape: x.shape, data: values.map((value) => value + 1) },
    sum: { dtype: "float32", shape: [rows], data: sums },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => outputs === undefined || outputs.includes(name)));
}

/** What a {@link gatedPredictor} is made of. */
export interface GatedOptions {
  /** @defaultValue {@link SIGNATURES} */
  readonly signatures?: Predictor["signatures"];
  /** @defaultValue 1 */
  readonly concurrency?: number;
  /** @defaultValue false */
  readonly open?: boolean;
}

/** Makes a {@link GatedPredictor}; `open` answers every call at once. */
export function gatedPredictor(options: GatedOptions = {}): GatedPredictor {
  const { signatures = SIGNATURES, concurrency = 1, open = false } = options;
  const pending: GatedCall[] = [];
  let begun = 0;
  return {
    signatures,
    concurrency,
    pending,
    get begun() {
      return begun;
    },
    predict(inputs, options = {}) {
      begun++;
      const { signature = "serving_default" } = options;
      const outputs = options.outputs ?? Object.keys(signatures[signature]?.outputs ?? {});
      if (open) return Promise.resolve().then(() => answerTo(inputs, outputs));
      return new Promise((resolve, reject) => {
        const settle = (action: () => void) => (): Promise<void> => {
          pending.splice(pending.indexOf(call), 1);
          action();
          return turn();
        };
        const call: GatedCall = {
          inputs,
          options,
          succeed: settle(() => resolve(answerTo(inputs, outputs))),
          fail: (error) => settle(() => reject(error))(),
        };
        pending.push(call);
      });
    },
  };
}

/** Resolves when all that has been decided has been told. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Rows of `x` that begin at a number: `[[n, n], [n + 1, n + 1], …]`. */
export function rowsFrom(first: number, rows = 1, width = 2): { x: Tensor } {
  const data = Float32Array.from({ length: rows * width }, (_, index) => first + Math.floor(index / width));
  return { x: { dtype: "float32", shape: [rows, width], data } };
}
