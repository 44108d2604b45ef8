import { type Tensor, toNested } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import type { KernelFactory, KernelTable } from "../run/kernel.js";
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

/** Operations that run for what they check. */
export const ASSERTION: KernelTable = { Assert: assertion };
