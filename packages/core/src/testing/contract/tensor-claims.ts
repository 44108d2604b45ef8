import type { NamedTensors, Signature, TensorSpec } from "../../predictor.js";
import { lanesOf } from "../../tensor/dtype.js";
import { makeTensor, type Tensor } from "../../tensor/tensor.js";
import { claim, claimSame, short } from "./claim.js";

/** The same tensors in memory of their own. */
export function copyTensors(tensors: NamedTensors): Record<string, Tensor> {
  const copy = ({ dtype, shape, data }: Tensor): Tensor => ({
    dtype,
    shape: [...shape],
    data: ArrayBuffer.isView(data) ? data.slice() : data.map((element) => element.slice()),
  });
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copy(tensor)]));
}

/** Changes every value of tensors that their owner may change. */
export function scribble(tensors: NamedTensors): void {
  for (const { data } of Object.values(tensors)) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(77n);
    else if (ArrayBuffer.isView(data)) data.fill(77);
    else for (const element of data) element.fill(77);
  }
}

/** Claims that `found` are tensors of the dtypes, shapes and values of `wanted`, and no others. */
export function claimTensors(
  found: NamedTensors,
  wanted: NamedTensors,
  { tolerance, what }: { readonly tolerance: number; readonly what: string },
): void {
  claim(typeof found === "object" && found !== null, `${what} gave ${short(found)}`);
  claimSame(Object.keys(found).sort(), Object.keys(wanted).sort(), `the names that ${what} gave`);
  for (const [name, tensor] of Object.entries(wanted)) {
    const given = found[name];
    if (given !== undefined) claimTensor(given, tensor, { tolerance, what: `${name} of ${what}` });
  }
}

function claimTensor(
  found: Tensor,
  wanted: Tensor,
  { tolerance, what }: { readonly tolerance: number; readonly what: string },
): void {
  claimSame([found.dtype, found.shape], [wanted.dtype, wanted.shape], `dtype and shape of ${what}`);
  makeTensor(found.dtype, found.shape, found.data);
  for (let at = 0; at < wanted.data.length; at++) {
    const [one, other] = [found.data[at], wanted.data[at]];
    claim(isNear(one, other, tolerance), `${what}: element ${at} is ${short(one)}, not ${short(other)}`);
  }
}

function isNear(one: unknown, other: unknown, tolerance: number): boolean {
  if (typeof one === "number" && typeof other === "number") {
    // Relative above 1, so that a sum of thousands is not held to the last bit.
    return Object.is(one, other) || one === other || Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(other));
  }
  return short(one) === short(other) && typeof one === typeof other;
}

/** Claims that a tensor is what a signature says of it. */
export function claimFits(tensor: Tensor | undefined, spec: TensorSpec, what: string): void {
  claim(tensor !== undefined, `${what} is missing`);
  claim(tensor.dtype === spec.dtype, `${what} is ${tensor.dtype}, declared as ${spec.dtype}`);
  const { shape } = spec;
  const fits =
    shape === undefined ||
    (shape.length === tensor.shape.length && shape.every((size, axis) => size === -1 || size === tensor.shape[axis]));
  claim(fits, `${what} has shape ${short(tensor.shape)}, declared as ${short(shape)}`);
}

/** Claims that signatures are well formed. */
export function claimSignatures(signatures: Readonly<Record<string, Signature>>): void {
  claim(Object.keys(signatures).length > 0, "there is no signature");
  for (const [name, { inputs, outputs, methodName }] of Object.entries(signatures)) {
    claim(typeof methodName === "string", `signature ${name} has the method name ${short(methodName)}`);
    for (const [key, spec] of [...Object.entries(inputs), ...Object.entries(outputs)]) {
      const what = `${key} of signature ${name}`;
      claim(isDType(spec.dtype), `${what} has the dtype ${short(spec.dtype)}`);
      const sizes = spec.shape ?? [];
      const good = Array.isArray(sizes) && sizes.every((size) => Number.isSafeInteger(size) && size >= -1);
      claim(good, `${what} has the shape ${short(spec.shape)}; sizes are integers from 0 on, or -1`);
    }
  }
}

function isDType(dtype: TensorSpec["dtype"]): boolean {
  try {
    return lanesOf(dtype) > 0;
  } catch {
    return false;
  }
}
