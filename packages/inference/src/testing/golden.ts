// oxlint-disable no-restricted-imports -- only tests, which run in Node, import this file
import { readFileSync } from "node:fs";
import { makeTensor, type NamedTensors, type Predictor, type Signature, type Tensor } from "@servable/core";

/** A call with the outputs that TensorFlow gave for it. */
export interface GoldenCall {
  readonly name: string;
  readonly signature: string;
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

interface WrittenTensor {
  readonly dtype: "string" | "float32" | "int64";
  readonly shape: readonly number[];
  readonly data: readonly (string | number)[];
}

interface WrittenCall {
  readonly name: string;
  readonly signature: string;
  readonly inputs: Readonly<Record<string, WrittenTensor>>;
  readonly outputs: Readonly<Record<string, WrittenTensor>>;
}

/** The calls of `fixtures/tf1_text/1`, whose signatures classify and regress tf.Examples. */
export function textCalls(): readonly GoldenCall[] {
  const path = new URL("../../../../fixtures/tf1_text/calls/1.json", import.meta.url);
  const { calls } = JSON.parse(readFileSync(path, "utf8")) as { readonly calls: readonly WrittenCall[] };
  return calls.map(({ name, signature, inputs, outputs }) => ({
    name,
    signature,
    inputs: tensorsOf(inputs),
    outputs: tensorsOf(outputs),
  }));
}

/** A predictor that answers golden calls as TensorFlow did, and only those. */
export function goldenPredictor(calls: readonly GoldenCall[]): Predictor {
  const signatures = Object.fromEntries(
    calls.map(({ signature, inputs, outputs }): [string, Signature] => [
      signature,
      { inputs: specsOf(inputs), outputs: specsOf(outputs), methodName: "" },
    ]),
  );
  return {
    signatures,
    async predict(inputs, { signature } = {}) {
      const asked = JSON.stringify(plain(inputs));
      const found = calls.find((call) => call.signature === signature && JSON.stringify(plain(call.inputs)) === asked);
      if (found === undefined) throw new Error(`TensorFlow was not asked for ${signature} of ${asked}`);
      return { ...found.outputs };
    },
  };
}

function tensorsOf(written: Readonly<Record<string, WrittenTensor>>): NamedTensors {
  return Object.fromEntries(Object.entries(written).map(([name, tensor]) => [name, tensorOf(tensor)]));
}

function tensorOf({ dtype, shape, data }: WrittenTensor): Tensor {
  if (dtype === "int64") return makeTensor(dtype, shape, BigInt64Array.from(data, BigInt));
  if (dtype === "float32") return makeTensor(dtype, shape, Float32Array.from(data, Number));
  return makeTensor(
    dtype,
    shape,
    data.map((text) => new Uint8Array(Buffer.from(String(text), "base64"))),
  );
}

function specsOf(tensors: NamedTensors): Signature["inputs"] {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, { dtype, shape: shape.map(() => -1) }]),
  );
}

function plain(tensors: NamedTensors): unknown {
  return Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
    name,
    dtype,
    shape,
    Array.from<unknown, unknown>(data, (value) => (value instanceof Uint8Array ? [...value] : String(value))),
  ]);
}
