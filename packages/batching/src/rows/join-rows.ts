import type { Tensor } from "@servable/core";
import { concatRows } from "./concat-rows.js";
import { padTail, widestTail } from "./pad-tail.js";

/**
 * Tensors of one dtype and rank, one below the other, each filled up to the widest of them; `padding` further rows
 * repeat the first row of the last. A single tensor that needs no rows is given back as it is.
 */
export function joinRows(tensors: readonly Tensor[], padding = 0): Tensor {
  const [first] = tensors;
  if (first !== undefined && tensors.length === 1 && padding === 0) return first;
  const tail = widestTail(tensors);
  return concatRows(
    tensors.map((tensor) => padTail(tensor, tail)),
    padding,
  );
}
