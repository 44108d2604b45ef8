import { type Tensor, toNested } from "@servable/core";
import { intAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onValues } from "../run/kernel.js";
import { numbersOf } from "./host/elements.js";
import { mismatch } from "./host/shapes.js";

/** A few elements of a tensor, as text for messages. */
function shown(tensor: Tensor, limit: number): string {
  const flat = [toNested({ ...tensor, shape: [tensor.data.length] })].flat();
  const more = flat.length > limit ? ", …" : "";
  return flat.slice(0, limit).map(String).join(", ") + more;
}

const assertion: KernelFactory = (node) => {
  const limit = intAttribute(node, "summarize", 3);
  return (_device, ...inputs) => {
    const [condition, ...data] = inputs;
    if (condition?.host().data.every((element: unknown) => element !== 0) === true) return [];
    const facts = data.map((value) => shown(value.host(), limit)).join(" ");
    throw mismatch(`the model's own check failed: ${facts}`);
  };
};

/** Hands floats on if all of them are finite. */
const checkNumerics: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...DTYPES.floating, "float16", "bfloat16"]);
  const message = textAttribute(node, "message", "");
  return onValues((_device, x) => {
    const all = numbersOf(x.host());
    for (let at = 0; at < all.length; at++) {
      const value = all[at] ?? 0;
      if (!Number.isFinite(value)) throw mismatch(`${message}: there is a ${value}`);
    }
    return x.reshaped(x.shape);
  });
};

/** Operations that run for what they check. */
export const ASSERTION: KernelTable = {
  Assert: assertion,
  CheckNumerics: checkNumerics,
  CheckNumericsV2: checkNumerics,
};
