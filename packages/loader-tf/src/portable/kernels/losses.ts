import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { blank, numbersOf } from "./host/elements.js";
import { broadcastShapes, formatShape, integersOf, mismatch } from "./host/shapes.js";
import { broadcastTo } from "./host/strided.js";

/** Rows of scores, with what each class should have had: the loss of each row, and the slope of it by each score. */
function crossEntropy(scores: Tensor, wanted: (row: number, column: number) => number): readonly Tensor[] {
  const { shape, dtype } = scores;
  const columns = shape.at(-1) ?? 0;
  const [loss, slope] = [blank(dtype, shape.slice(0, -1)), blank(dtype, shape)];
  const source = numbersOf(scores);
  const [losses, slopes] = [loss.data as Float64Array, slope.data as Float64Array];
  for (let row = 0; row < losses.length; row++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < columns; at++) largest = Math.max(largest, source[row * columns + at] ?? 0);
    let total = 0;
    for (let at = 0; at < columns; at++) total += Math.exp((source[row * columns + at] ?? 0) - largest);
    let sum = 0;
    for (let at = 0; at < columns; at++) {
      const score = (source[row * columns + at] ?? 0) - largest;
      const share = wanted(row, at);
      if (share !== 0) sum += share * (Math.log(total) - score);
      slopes[row * columns + at] = Math.exp(score) / total - share;
    }
    losses[row] = sum;
  }
  return [loss, slope];
}

const softmaxCrossEntropy: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.floating);
  return onHostMany((features, labels) => {
    const shape = broadcastShapes(features.shape, labels.shape);
    if (shape.length !== 2) throw mismatch(`scores are in rows, got ${formatShape(shape)}`);
    const shares = numbersOf(broadcastTo(labels, shape));
    const columns = shape[1] ?? 0;
    return crossEntropy(broadcastTo(features, shape), (row, column) => shares[row * columns + column] ?? 0);
  });
};

const sparseCrossEntropy: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.floating);
  return onHostMany((features, labels) => {
    const classes = integersOf(labels);
    const [rows, columns = 0] = features.shape;
    if (features.shape.length !== 2 || rows !== sizeOf(labels.shape)) {
      throw mismatch(`scores ${formatShape(features.shape)} do not go with labels ${formatShape(labels.shape)}`);
    }
    if (classes.some((label) => label < 0 || label >= columns))
      throw mismatch(`a label is not one of ${columns} classes`);
    return crossEntropy(features, (row, column) => (classes[row] === column ? 1 : 0));
  });
};

/** Operations that tell how far scores are from what they should have been. */
export const LOSSES: KernelTable = {
  SoftmaxCrossEntropyWithLogits: softmaxCrossEntropy,
  SparseSoftmaxCrossEntropyWithLogits: sparseCrossEntropy,
};
