import { sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, intAttribute, textAttribute } from "../../graph/attributes.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { checkedLength } from "../host/allowance.js";
import { bytesOf, EMPTY, joinBytes, stringsOf, stringTensor } from "../host/bytes.js";
import { axisOf, formatShape, integersOf, mismatch, stridesOf } from "../host/shapes.js";
import { copyView } from "../host/strided.js";
import { summaryOf } from "../host/summary.js";

const join: KernelFactory = (node) => {
  const separator = bytesOf(textAttribute(node, "separator", ""));
  return onHost((...inputs) => {
    const shape = inputs.find((input) => input.shape.length > 0)?.shape ?? [];
    const columns = inputs.map((input) => {
      if (input.shape.length > 0 && input.shape.join() !== shape.join()) {
        throw mismatch(`strings of shapes ${formatShape(shape)} and ${formatShape(input.shape)} cannot be joined`);
      }
      return { values: stringsOf(input), step: input.shape.length === 0 ? 0 : 1 };
    });
    const joined = Array.from({ length: sizeOf(shape) }, (_, at) =>
      joinBytes(
        columns.map(({ values, step }) => values[at * step] ?? EMPTY),
        separator,
      ),
    );
    return stringTensor(shape, joined);
  });
};

interface ReduceRequest {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly separator: Uint8Array;
}

/** Joins along axes; the axis named first goes by the quickest. */
function reduceJoin(x: Tensor, { axes: named, keepDims, separator }: ReduceRequest): Tensor {
  const axes = named.map((axis) => axisOf(axis, x.shape.length));
  if (new Set(axes).size < axes.length) throw mismatch(`axes ${formatShape(named)} name one twice`);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes.toReversed()];
  const strides = stridesOf(x.shape);
  const moved = copyView(x, {
    shape: order.map((axis) => x.shape[axis] ?? 0),
    strides: order.map((axis) => strides[axis] ?? 0),
    offset: 0,
  });
  const values = stringsOf(moved);
  const length = sizeOf(axes.map((axis) => x.shape[axis] ?? 0));
  const count = sizeOf(kept.map((axis) => x.shape[axis] ?? 0));
  const joined = Array.from({ length: count }, (_, at) =>
    joinBytes(values.slice(at * length, (at + 1) * length), separator),
  );
  const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
  return stringTensor(shape, joined);
}

const reduceJoinKernel: KernelFactory = (node) => {
  const keepDims = boolAttribute(node, "keep_dims", false);
  const separator = bytesOf(textAttribute(node, "separator", ""));
  return onHost((x, axes) => reduceJoin(x, { axes: integersOf(axes), keepDims, separator }));
};

/** Joins strings in the order of the segments that they are in; a segment without any is empty. */
const segmentJoin: KernelFactory = (node) => {
  const separator = bytesOf(textAttribute(node, "separator", ""));
  return onHost((x, segmentIds, count) => {
    const [segments = 0] = integersOf(count);
    const ids = integersOf(segmentIds);
    const inner = x.shape.slice(segmentIds.shape.length);
    if (!segmentIds.shape.every((size, axis) => size === x.shape[axis])) {
      throw mismatch(`segments of shape ${formatShape(segmentIds.shape)} for ${formatShape(x.shape)}`);
    }
    const width = sizeOf(inner);
    const parts = Array.from({ length: checkedLength(Math.max(segments, 0) * width) }, (): Uint8Array[] => []);
    for (const [at, value] of stringsOf(x).entries()) {
      const segment = ids[Math.floor(at / width)] ?? -1;
      if (segment >= segments) throw mismatch(`segment ${segment} is none of ${segments}`);
      if (segment >= 0) parts[segment * width + (at % width)]?.push(value);
    }
    return stringTensor(
      [Math.max(segments, 0), ...inner],
      parts.map((values) => joinBytes(values, separator)),
    );
  });
};

const format: KernelFactory = (node) => {
  const template = textAttribute(node, "template", "%s");
  const placeholder = textAttribute(node, "placeholder", "%s");
  const limit = intAttribute(node, "summarize", 3);
  const parts = placeholder === "" ? [template] : template.split(placeholder);
  return onHost((...inputs) => {
    const written = parts.flatMap((part, at) => {
      const input = at < parts.length - 1 ? inputs[at] : undefined;
      return input === undefined ? [bytesOf(part)] : [bytesOf(part), summaryOf(input, limit)];
    });
    return stringTensor([], [joinBytes(written)]);
  });
};

/** Operations that make one string of many. */
export const JOINING: KernelTable = {
  ReduceJoin: reduceJoinKernel,
  StringFormat: format,
  StringJoin: join,
  UnsortedSegmentJoin: segmentJoin,
};
