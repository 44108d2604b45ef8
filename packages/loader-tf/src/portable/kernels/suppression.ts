import type { Tensor } from "@servable/core";
import { boolAttribute, floatAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { numbersOf, tensorOfNumbers } from "./host/elements.js";
import { formatShape, integerOf, mismatch } from "./host/shapes.js";
import { boxOverlap, type Kept, suppress } from "./host/suppression.js";

function numberOf(tensor: Tensor | undefined, fallback: number): number {
  return tensor === undefined ? fallback : Number(tensor.data[0]);
}

function checkBoxes(boxes: Tensor, scores: Tensor): void {
  if (boxes.shape.length === 2 && boxes.shape[1] === 4 && boxes.shape[0] === scores.shape[0]) return;
  throw mismatch(`boxes ${formatShape(boxes.shape)} and scores ${formatShape(scores.shape)} do not go together`);
}

/** The thresholds come as inputs: of the overlap, of the score, and sigma. */
function kept(boxes: Tensor, scores: Tensor, [limit, overlap, score, sigma]: readonly (Tensor | undefined)[]): Kept[] {
  checkBoxes(boxes, scores);
  return suppress(numbersOf(scores), boxOverlap(boxes), {
    limit: limit === undefined ? 0 : integerOf(limit),
    overlap: numberOf(overlap, 0.5),
    score: numberOf(score, Number.NEGATIVE_INFINITY),
    sigma: numberOf(sigma, 0),
  });
}

function indicesOf(boxes: readonly Kept[], length = boxes.length): Tensor {
  const padded = Array.from({ length: checkedLength(length) }, (_, at) => boxes[at]?.box ?? 0);
  return tensorOfNumbers("int32", [length], padded);
}

const byAttribute: KernelFactory = (node) => {
  const overlap = floatAttribute(node, "iou_threshold", 0.5);
  const given = tensorOfNumbers("float32", [], [overlap]);
  return onHost((boxes, scores, limit) => indicesOf(kept(boxes, scores, [limit, given])));
};

const byInputs: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  return onHost((boxes, scores, ...rest) => indicesOf(kept(boxes, scores, rest)));
};

const padded: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const isPadded = boolAttribute(node, "pad_to_max_output_size", false);
  return onHostMany((boxes, scores, limit, ...rest) => {
    const found = kept(boxes, scores, [limit, ...rest]);
    const length = isPadded ? integerOf(limit) : found.length;
    return [indicesOf(found, length), tensorOfNumbers("int32", [], [found.length])];
  });
};

const soft: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.float32);
  const isPadded = boolAttribute(node, "pad_to_max_output_size", false);
  return onHostMany((boxes, scores, limit, ...rest) => {
    const found = kept(boxes, scores, [limit, ...rest]);
    const length = isPadded ? integerOf(limit) : found.length;
    const left = Array.from({ length: checkedLength(length) }, (_, at) => found[at]?.score ?? 0);
    return [
      indicesOf(found, length),
      tensorOfNumbers(scores.dtype, [length], left),
      tensorOfNumbers("int32", [], [found.length]),
    ];
  });
};

const withOverlaps: KernelFactory = () =>
  onHost((overlaps, scores, limit, overlap, score) => {
    const count = overlaps.shape[0] ?? 0;
    const all = numbersOf(overlaps);
    if (overlaps.shape.length !== 2 || overlaps.shape[1] !== count || scores.shape[0] !== count) {
      throw mismatch(
        `overlaps ${formatShape(overlaps.shape)} and scores ${formatShape(scores.shape)} do not go together`,
      );
    }
    const how = { limit: integerOf(limit), overlap: numberOf(overlap, 0.5), score: numberOf(score, 0), sigma: 0 };
    return indicesOf(suppress(numbersOf(scores), (a, b) => all[a * count + b] ?? 0, how));
  });

/** Suppression by class, for a batch of images: the best boxes of all classes, the best first. */
const combined: KernelFactory = (node) => {
  const isPerClass = boolAttribute(node, "pad_per_class", false);
  const isClipped = boolAttribute(node, "clip_boxes", true);
  return onHostMany((boxes, scores, perClass, total, overlap, score) => {
    const [batch = 0, count = 0, shared = 0] = boxes.shape;
    const classes = scores.shape[2] ?? 0;
    if (boxes.shape.length !== 4 || scores.shape[1] !== count || (shared !== 1 && shared !== classes)) {
      throw mismatch(`boxes ${formatShape(boxes.shape)} and scores ${formatShape(scores.shape)} do not go together`);
    }
    const limit = integerOf(perClass);
    const length = isPerClass ? Math.min(integerOf(total), limit * classes) : integerOf(total);
    const how = { limit, overlap: numberOf(overlap, 0.5), score: numberOf(score, 0), sigma: 0 };
    const [corners, all] = [numbersOf(boxes), numbersOf(scores)];
    const corner = (value: number): number => (isClipped ? Math.min(Math.max(value, 0), 1) : value);
    const found = Array.from({ length: batch }, (_, image) => {
      const best = Array.from({ length: classes }, (_, label) => {
        const own = Array.from({ length: count }, (_, box) => all[(image * count + box) * classes + label] ?? 0);
        const place = (box: number): number => ((image * count + box) * shared + (shared === 1 ? 0 : label)) * 4;
        const flat = Float32Array.from(
          { length: count * 4 },
          (_, at) => corners[place(Math.floor(at / 4)) + (at % 4)] ?? 0,
        );
        const apart: Tensor = { dtype: "float32", shape: [count, 4], data: flat };
        return suppress(own, boxOverlap(apart), how).map((each) => ({ ...each, label, from: place(each.box) }));
      });
      return best
        .flat()
        .sort((a, b) => b.score - a.score)
        .slice(0, length);
    });
    const rows = found.flatMap((best) => Array.from({ length: checkedLength(length) }, (_, at) => best[at]));
    const sides = rows.flatMap((row) =>
      [0, 1, 2, 3].map((at) => (row === undefined ? 0 : corner(corners[row.from + at] ?? 0))),
    );
    return [
      tensorOfNumbers("float32", [batch, length, 4], sides),
      tensorOfNumbers(
        "float32",
        [batch, length],
        rows.map((row) => row?.score ?? 0),
      ),
      tensorOfNumbers(
        "float32",
        [batch, length],
        rows.map((row) => row?.label ?? 0),
      ),
      tensorOfNumbers(
        "int32",
        [batch],
        found.map((best) => best.length),
      ),
    ];
  });
};

/** Operations that keep the best of boxes that overlap. */
export const SUPPRESSION: KernelTable = {
  CombinedNonMaxSuppression: combined,
  NonMaxSuppression: byAttribute,
  NonMaxSuppressionV2: byInputs,
  NonMaxSuppressionV3: byInputs,
  NonMaxSuppressionV4: padded,
  NonMaxSuppressionV5: soft,
  NonMaxSuppressionWithOverlaps: withOverlaps,
};
