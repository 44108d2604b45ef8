import { sizeOf, type Tensor } from "@servable/core";
import { textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import type { Device } from "../run/device.js";
import { type KernelFactory, type KernelTable, onHost, onValues } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { bytesFor, spend } from "./host/allowance.js";
import { blank, elementsOf } from "./host/elements.js";
import { pickAxes } from "./host/pick.js";
import { checkedShape, formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { placeInto } from "./host/strided.js";

/** How much is added before and after, along each dimension. */
export type Amounts = readonly (readonly [number, number])[];

function amountsOf(paddings: Tensor, shape: readonly number[]): Amounts {
  const amounts = integersOf(paddings);
  if (amounts.length !== 2 * shape.length || amounts.some((amount) => amount < 0)) {
    throw mismatch(`paddings ${formatShape(amounts)} do not go with shape ${formatShape(shape)}`);
  }
  return shape.map((_, axis) => [amounts[2 * axis] ?? 0, amounts[2 * axis + 1] ?? 0]);
}

function padTensor(x: Tensor, amounts: Amounts, fill: unknown): Tensor {
  const result = blank(
    x.dtype,
    x.shape.map((size, axis) => size + (amounts[axis]?.[0] ?? 0) + (amounts[axis]?.[1] ?? 0)),
  );
  const target = elementsOf(result);
  if (fill !== undefined) for (let at = 0; at < result.data.length; at++) target[at] = fill;
  const strides = stridesOf(result.shape);
  const offset = strides.reduce((sum, stride, axis) => sum + stride * (amounts[axis]?.[0] ?? 0), 0);
  placeInto(target, x, { offset, strides });
  return result;
}

/** More elements around a tensor, where it lies; the result is a value of its own. */
export function padValue(x: Value, amounts: Amounts, device: Device, fill?: unknown): Value {
  const isSmall = x.shape.length <= 4 && x.shape.length > 0;
  if (!x.isOnDevice || x.size === 0 || !isSmall) return Value.ofHost(padTensor(x.host(), amounts, fill), device);
  const shape = checkedShape(x.shape.map((size, axis) => size + (amounts[axis]?.[0] ?? 0) + (amounts[axis]?.[1] ?? 0)));
  spend(bytesFor("float32", sizeOf(shape)));
  const attributes = { paddings: amounts.map((pair) => [...pair]), constantValue: Number(fill ?? 0) };
  return Value.ofDevice(device.run("PadV2", { x: x.device() }, attributes), device);
}

const pad: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onValues((device, x, paddings) => padValue(x, amountsOf(paddings.host(), x.shape), device));
};

const padWith: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onValues((device, x, paddings, fill) =>
    padValue(x, amountsOf(paddings.host(), x.shape), device, fill.host().data[0]),
  );
};

/** Goes on as in a mirror that stands on the last element (REFLECT) or behind it (SYMMETRIC). */
const mirrorPad: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const mode = textAttribute(node, "mode", "");
  if (mode !== "REFLECT" && mode !== "SYMMETRIC") throw unsupported(`mode ${mode}`);
  const behind = mode === "SYMMETRIC" ? 1 : 0;
  return onHost((x, paddings) => {
    const amounts = amountsOf(paddings, x.shape);
    const picks = x.shape.map((size, axis) => {
      const [before, after] = amounts[axis] ?? [0, 0];
      if (Math.max(before, after) > size - 1 + behind) {
        throw mismatch(`${size} elements cannot be mirrored to ${before} before and ${after} after`);
      }
      return Array.from({ length: before + size + after }, (_, at) => {
        const index = at - before;
        if (index < 0) return -index - behind;
        return index < size ? index : 2 * (size - 1) - index + behind;
      });
    });
    return pickAxes(x, picks);
  });
};

/** Operations that add elements around a tensor. */
export const PADDING: KernelTable = { MirrorPad: mirrorPad, Pad: pad, PadV2: padWith };
