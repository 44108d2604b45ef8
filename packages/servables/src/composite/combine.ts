import { allocate, type DType, makeTensor, ServingError, sizeOf, type Tensor, type TensorData } from "@servable/core";

/** Makes one tensor of those that the parts of an ensemble have given for one output. */
export interface Combination {
  /** Whether it means something for this dtype. */
  takes(dtype: DType): boolean;
  combine(tensors: readonly Tensor[]): Tensor;
}

const FLOATS: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
const COMPLEX: readonly DType[] = ["complex64", "complex128"];

/** The arithmetic mean, element by element, summed in float64 in the order of the parts. */
export const mean: Combination = {
  takes: (dtype) => FLOATS.includes(dtype),
  combine(tensors) {
    const { dtype, shape } = sameKind(tensors);
    const size = sizeOf(shape);
    const sums = new Float64Array(size);
    for (const { data } of tensors) {
      for (let index = 0; index < size; index++) sums[index] = (sums[index] ?? 0) + Number(data[index]);
    }
    const data = allocate(dtype, size);
    for (let index = 0; index < size; index++) put(data, index, (sums[index] ?? 0) / tensors.length);
    return makeTensor(dtype, shape, data);
  },
};

/** The value that most parts give, element by element; of equally many the one of the part that comes first. */
export const vote: Combination = {
  takes: (dtype) => !FLOATS.includes(dtype) && !COMPLEX.includes(dtype),
  combine(tensors) {
    const { dtype, shape } = sameKind(tensors);
    const size = sizeOf(shape);
    const data = allocate(dtype, size);
    for (let index = 0; index < size; index++) put(data, index, winner(tensors.map(({ data }) => data[index])));
    return makeTensor(dtype, shape, data);
  },
};

type Value = TensorData[number];

function winner(votes: readonly (Value | undefined)[]): Value | undefined {
  let best: Value | undefined;
  let most = 0;
  for (const candidate of votes) {
    const count = votes.filter((each) => isSame(each, candidate)).length;
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}

function isSame(one: Value | undefined, other: Value | undefined): boolean {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function put(data: ReturnType<typeof allocate>, index: number, value: Value | undefined): void {
  if (Array.isArray(data)) {
    if (value instanceof Uint8Array) data[index] = value;
  } else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    if (typeof value === "bigint") data[index] = value;
  } else if (typeof value === "number") data[index] = value;
}

function sameKind(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ServingError("INTERNAL", "no part has given anything");
  for (const each of tensors) {
    if (each.dtype === first.dtype && each.shape.join() === first.shape.join()) continue;
    const [one, other] = [first, each].map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
    throw new ServingError("FAILED_PRECONDITION", `the parts give tensors of different kinds: ${one} and ${other}`);
  }
  return first;
}
