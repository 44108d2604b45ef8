import type { Tensor } from "@servable/core";
import { EMPTY, joinBytes, sameBytes, stringsOf, stringTensor } from "./bytes.js";
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

/** Each string with another behind it, stretched to each other. */
export function addStrings(x: Tensor, y: Tensor): Tensor {
  const shape = broadcastShapes(x.shape, y.shape);
  const others = stringsOf(broadcastTo(y, shape));
  const joined = stringsOf(broadcastTo(x, shape)).map((value, at) => joinBytes([value, others[at] ?? EMPTY]));
  return stringTensor(shape, joined);
}
