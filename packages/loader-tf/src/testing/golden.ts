import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { allocate, type DType, type NamedTensors, sizeOf, type Tensor } from "@servable/core";

/** The folder of the models that TensorFlow made. */
export const fixtures: string = fileURLToPath(new URL("../../../../fixtures", import.meta.url));

/** A call and what TensorFlow itself answered. */
export interface GoldenCall {
  readonly name: string;
  readonly signature: string;
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

/** A tensor as the scripts that ask TensorFlow write it. */
export interface WrittenTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

type Written = Readonly<Record<string, WrittenTensor>>;

/** The calls beside a model: `goldenCalls("mnist/1")`. */
export function goldenCalls(model: string): GoldenCall[] {
  const [name = "", version = ""] = model.split("/");
  return callsIn(`${fixtures}/${name}/calls/${version}.json`);
}

/** The calls in a file that `write_calls` of fixtures/golden.py wrote. */
export function callsIn(path: string): GoldenCall[] {
  const text = readFileSync(path, "utf8");
  // Python writes numbers that JSON does not have.
  const { calls } = JSON.parse(text.replaceAll(/-?\bInfinity\b|\bNaN\b/g, '"$&"')) as {
    calls: { name: string; signature: string; inputs: Written; outputs: Written }[];
  };
  return calls.map((call) => ({ ...call, inputs: tensorsOf(call.inputs), outputs: tensorsOf(call.outputs) }));
}

function tensorsOf(written: Written): NamedTensors {
  return Object.fromEntries(Object.entries(written).map(([name, tensor]) => [name, tensorOf(tensor)]));
}

/** The tensor again. */
export function tensorOf({ dtype, shape, data }: WrittenTensor): Tensor {
  const elements = allocate(dtype, sizeOf(shape)) as unknown as Record<number, unknown>;
  for (const [index, element] of data.entries()) elements[index] = read(element, dtype);
  return { dtype, shape, data: elements as unknown as Tensor["data"] };
}

function read(element: number | boolean | string, dtype: DType): unknown {
  if (dtype === "string") return new Uint8Array(Buffer.from(String(element), "base64"));
  if (dtype === "int64" || dtype === "uint64") return BigInt(element);
  return Number(element);
}

/** The largest difference between the elements of two tensors of numbers; infinity if they do not have the same form. */
export function largestError(found: Tensor | undefined, wanted: Tensor): number {
  if (found === undefined || found.dtype !== wanted.dtype) return Number.POSITIVE_INFINITY;
  if (found.shape.join() !== wanted.shape.join() || found.data.length !== wanted.data.length)
    return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let at = 0; at < wanted.data.length; at++) {
    const [one, other] = [Number(found.data[at]), Number(wanted.data[at])];
    const same = Object.is(one, other) || one === other;
    const error = same ? 0 : Math.abs(one - other);
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return largest;
}
