import type { Tensor } from "@servable/core";
import { EMPTY, sameBytes, stringsOf } from "./bytes.js";
import { broadcastShapes } from "./shapes.js";
import { broadcastTo } from "./strided.js";

/** Whether strings are equal (or, if not `wanted`, differ), element by element, stretched to each other. */
export function compareStrings(x: Tensor, y: Tensor, wanted: boolean): Tensor {
  const shape = broadcastShapes(x.shape, y.shape);
  const others = stringsOf(broadcastTo(y, shape));
  const data = Uint8Array.from(stringsOf(broadcastTo(x, shape)), (value, at) =>
    sameBytes(value, others[at] ?? EMPTY) === wanted ? 1 : 0,
  );
  return { dtype: "bool", shape, data };
}
