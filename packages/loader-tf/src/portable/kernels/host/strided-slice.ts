import { intAttribute } from "../../graph/attributes.js";
import type { GraphNode } from "../../graph/graph.js";
import { formatShape, mismatch, stridesOf } from "./shapes.js";
import type { View } from "./strided.js";

/** What a StridedSlice is told at run time; one entry for each entry between the brackets. */
export interface SliceRequest {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
}

/** A view and the shape to give its copy: without the dimensions that an index picked, with the new ones of size 1. */
export interface SliceView extends View {
  readonly resultShape: readonly number[];
}

interface Masks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrink: number;
}

/**
 * Reads the masks of a StridedSlice: `x[a:b:c, ..., None, i]` in numbers. Bit i of a mask is about entry i: begin or
 * end is left out, the entry is `...`, a new dimension, or an index that picks one element.
 */
export function stridedView(node: GraphNode): (shape: readonly number[], request: SliceRequest) => SliceView {
  const masks: Masks = {
    begin: intAttribute(node, "begin_mask", 0),
    end: intAttribute(node, "end_mask", 0),
    ellipsis: intAttribute(node, "ellipsis_mask", 0),
    newAxis: intAttribute(node, "new_axis_mask", 0),
    shrink: intAttribute(node, "shrink_axis_mask", 0),
  };
  return (shape, request) => viewOf(shape, request, masks);
}

function viewOf(shape: readonly number[], { begin, end, strides }: SliceRequest, masks: Masks): SliceView {
  const entries = begin.length;
  const isSet = (mask: number, entry: number): boolean => (mask & (1 << entry)) !== 0;
  const named = begin.filter((_, entry) => !isSet(masks.ellipsis, entry) && !isSet(masks.newAxis, entry)).length;
  if (named > shape.length || end.length !== entries || strides.length !== entries) {
    throw mismatch(`a slice names ${named} of ${shape.length} dimensions`);
  }
  const steps = stridesOf(shape);
  const view = { shape: [] as number[], strides: [] as number[], offset: 0, resultShape: [] as number[] };
  let axis = 0;
  const whole = (count: number): void => {
    for (const last = axis + count; axis < last; axis++) {
      view.shape.push(shape[axis] ?? 0);
      view.strides.push(steps[axis] ?? 0);
      view.resultShape.push(shape[axis] ?? 0);
    }
  };
  for (let entry = 0; entry < entries; entry++) {
    if (isSet(masks.ellipsis, entry)) {
      whole(shape.length - named);
    } else if (isSet(masks.newAxis, entry)) {
      view.resultShape.push(1);
    } else {
      const size = shape[axis] ?? 0;
      const step = steps[axis] ?? 0;
      const request = {
        begin: isSet(masks.begin, entry) ? undefined : begin[entry],
        end: isSet(masks.end, entry) ? undefined : end[entry],
        stride: strides[entry] ?? 1,
      };
      const picked = isSet(masks.shrink, entry);
      const { from, length } = picked ? pick(begin[entry] ?? 0, size) : interval(request, size);
      view.offset += from * step;
      view.shape.push(length);
      view.strides.push(step * (picked ? 1 : request.stride));
      if (!picked) view.resultShape.push(length);
      axis++;
    }
  }
  whole(shape.length - axis);
  return view;
}

interface Run {
  readonly from: number;
  readonly length: number;
}

function pick(index: number, size: number): Run {
  const from = index < 0 ? index + size : index;
  if (from >= 0 && from < size) return { from, length: 1 };
  throw mismatch(`index ${index} lies outside of ${formatShape([size])}`);
}

interface IntervalRequest {
  readonly begin: number | undefined;
  readonly end: number | undefined;
  readonly stride: number;
}

function interval({ begin, end, stride }: IntervalRequest, size: number): Run {
  if (stride === 0) throw mismatch("a slice needs a step other than 0");
  // Backwards the walk may start at the last element and end before the first.
  const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
  const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const from = begin === undefined ? (stride > 0 ? low : high) : clamp(begin);
  const to = end === undefined ? (stride > 0 ? high : low) : clamp(end);
  const length = Math.max(0, Math.ceil((to - from) / stride));
  return { from: length === 0 ? 0 : from, length };
}
