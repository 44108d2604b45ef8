import type { Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { blank, elementsOf, tensorOfNumbers } from "./host/elements.js";
import { broadcastShapes, formatShape, mismatch, stridesOf } from "./host/shapes.js";
import { broadcastTo } from "./host/strided.js";

function choosing(compute: (condition: Tensor, yes: Tensor, no: Tensor) => Tensor): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.any);
    return onHost(compute);
  };
}

function select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  const shape = broadcastShapes(broadcastShapes(condition.shape, yes.shape), no.shape);
  const chosen = broadcastTo(condition, shape).data;
  const [left, right] = [elementsOf(broadcastTo(yes, shape)), elementsOf(broadcastTo(no, shape))];
  const result = blank(yes.dtype, shape);
  const target = elementsOf(result);
  for (let at = 0; at < result.data.length; at++) target[at] = chosen[at] === 0 ? right[at] : left[at];
  return result;
}

/** The first version of Select lets a vector choose whole rows, and stretches nothing else. */
function selectRows(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  const same = yes.shape.join() === no.shape.join();
  const rank = condition.shape.length;
  if (same && (rank === 0 || condition.shape.join() === yes.shape.join())) return select(condition, yes, no);
  if (same && rank === 1 && condition.shape[0] === yes.shape[0]) {
    return select({ ...condition, shape: [...condition.shape, ...yes.shape.slice(1).map(() => 1)] }, yes, no);
  }
  const shapes = [condition, yes, no].map(({ shape }) => formatShape(shape));
  throw mismatch(`there is no choosing by ${shapes[0]} between ${shapes[1]} and ${shapes[2]}`);
}

/** Where elements are not zero: an index of each, in order, as int64. */
function where(x: Tensor): Tensor {
  const strides = stridesOf(x.shape);
  const found: number[] = [];
  const source = elementsOf(x);
  let matches = 0;
  for (let at = 0; at < x.data.length; at++) if (Number(source[at]) !== 0) matches++;
  checkedLength(matches * strides.length);
  for (let at = 0; at < x.data.length; at++) {
    if (Number(source[at]) === 0) continue;
    for (const [axis, stride] of strides.entries()) found.push(Math.floor(at / stride) % (x.shape[axis] ?? 1));
  }
  const rank = x.shape.length;
  // Of a scalar there is nothing to say but how many there are.
  const count = rank === 0 ? Number(Number(source[0]) !== 0) : found.length / rank;
  return tensorOfNumbers("int64", [count, rank], found);
}

const whereKernel: KernelFactory = (node) => {
  // The attribute is left out where it is bool.
  if (node.attributes.has("T")) dtypeAmong(node, "T", [...DTYPES.numeric, "bool", "float16", "bfloat16"]);
  return onHost(where);
};

/** Operations that choose between elements. */
export const SELECTION: KernelTable = {
  Select: choosing(selectRows),
  SelectV2: choosing(select),
  Where: whereKernel,
};
