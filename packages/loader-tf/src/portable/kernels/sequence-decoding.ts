import { boolAttribute, intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { blank, numbersOf, tensorOfNumbers } from "./host/elements.js";
import { formatShape, integersOf, mismatch } from "./host/shapes.js";

/**
 * The best class at each time, without blanks and, where wanted, repetitions: scores [time, batch, classes] give a sparse
 * tensor of classes, [batch, longest], and the sum of the best scores, its sign changed.
 */
const greedy: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.floating);
  const isMerging = boolAttribute(node, "merge_repeated", false);
  const blankIndex = intAttribute(node, "blank_index", -1);
  return onHostMany((scores, lengths) => {
    const [times = 0, batch = 0, classes = 0] = scores.shape;
    const ends = integersOf(lengths);
    const isFitting = scores.shape.length === 3 && ends.length === batch && classes > 0;
    if (!isFitting || ends.some((end) => end < 0 || end > times)) {
      throw mismatch(`scores of shape ${formatShape(scores.shape)} do not go with lengths [${ends.join(", ")}]`);
    }
    const nothing = blankIndex < 0 ? classes + blankIndex : blankIndex;
    const source = numbersOf(scores);
    const sums = blank(scores.dtype, [batch, 1]);
    const target = sums.data as Float64Array;
    const indices: number[] = [];
    const values: number[] = [];
    let longest = 0;
    checkedLength(times * batch * 3);
    for (const [row, end] of ends.entries()) {
      let [last, count, sum] = [-1, 0, 0];
      for (let time = 0; time < end; time++) {
        const start = (time * batch + row) * classes;
        let best = 0;
        for (let at = 1; at < classes; at++) if ((source[start + at] ?? 0) > (source[start + best] ?? 0)) best = at;
        sum -= source[start + best] ?? 0;
        if (best !== nothing && !(isMerging && best === last)) {
          indices.push(row, count++);
          values.push(best);
        }
        last = best;
      }
      target[row] = sum;
      longest = Math.max(longest, count);
    }
    return [
      tensorOfNumbers("int64", [values.length, 2], indices),
      tensorOfNumbers("int64", [values.length], values),
      tensorOfNumbers("int64", [2], [batch, longest]),
      sums,
    ];
  });
};

/** Operations that read sequences out of scores. */
export const SEQUENCE_DECODING: KernelTable = { CTCGreedyDecoder: greedy };
