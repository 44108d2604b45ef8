import type { Tensor } from "@servable/core";
import { numbersOf } from "./elements.js";

/** When a box gives way to a better one. */
export interface Suppression {
  /** At most this many boxes are kept. */
  readonly limit: number;
  /** Boxes that overlap a better one by more than this share give way. */
  readonly overlap: number;
  /** Boxes must have more than this. */
  readonly score: number;
  /** Above 0, scores fade with the overlap instead: by exp(-overlap² / (2 sigma)). */
  readonly sigma: number;
}

/** How two boxes overlap, by number. */
export type Overlap = (a: number, b: number) => number;

/** The share of two boxes' union that is their intersection; corners come in either order. */
export function boxOverlap(boxes: Tensor, first = 0): Overlap {
  const all = numbersOf(boxes);
  const span = (box: number, axis: number): readonly [number, number] => {
    const [a, b] = [all[first + box * 4 + axis] ?? 0, all[first + box * 4 + axis + 2] ?? 0];
    return a < b ? [a, b] : [b, a];
  };
  const area = (box: number): number => {
    const [[top, bottom], [left, right]] = [span(box, 0), span(box, 1)];
    return (bottom - top) * (right - left);
  };
  return (a, b) => {
    const [areaA, areaB] = [area(a), area(b)];
    if (areaA <= 0 || areaB <= 0) return 0;
    const [height = 0, width = 0] = [0, 1].map((axis) => {
      const [[lowA, highA], [lowB, highB]] = [span(a, axis), span(b, axis)];
      return Math.max(0, Math.min(highA, highB) - Math.max(lowA, lowB));
    });
    return (height * width) / (areaA + areaB - height * width);
  };
}

/** A box that is kept, with the score that is left of its own. */
export interface Kept {
  readonly box: number;
  readonly score: number;
}

interface Candidate extends Kept {
  /** How many of the kept boxes have been looked at. */
  readonly seen: number;
}

/**
 * Keeps the best boxes and lets go those that overlap with them (non-maximum suppression; Bodla et al. 2017 for the
 * soft kind), the best first; of equal scores the first.
 */
export function suppress(scores: ArrayLike<number>, overlap: Overlap, how: Suppression): Kept[] {
  const waiting: Candidate[] = Array.from({ length: scores.length }, (_, box) => ({
    box,
    score: scores[box] ?? 0,
    seen: 0,
  }))
    .filter(({ score }) => score > how.score)
    .sort((a, b) => b.score - a.score || a.box - b.box);
  const kept: Kept[] = [];
  for (let next = waiting.shift(); next !== undefined && kept.length < how.limit; next = waiting.shift()) {
    const score = faded(next, kept, { overlap, how });
    if (score === next.score) kept.push({ box: next.box, score });
    else if (score > how.score) enqueue(waiting, { box: next.box, score, seen: kept.length });
  }
  return kept;
}

/** What is left of a score beside the kept boxes that it has not met yet; less than any where one suppresses it. */
function faded(
  { box, score, seen }: Candidate,
  kept: readonly Kept[],
  { overlap, how }: { readonly overlap: Overlap; readonly how: Suppression },
): number {
  let left = score;
  for (let at = kept.length - 1; at >= seen; at--) {
    const share = overlap(box, kept[at]?.box ?? 0);
    if (how.sigma > 0) left *= Math.exp((-share * share) / (2 * how.sigma));
    else if (share > how.overlap) return Number.NEGATIVE_INFINITY;
    if (left <= how.score) break;
  }
  return left;
}

function enqueue(waiting: Candidate[], candidate: Candidate): void {
  const later = waiting.findIndex(
    ({ score, box }) => score < candidate.score || (score === candidate.score && box > candidate.box),
  );
  waiting.splice(later === -1 ? waiting.length : later, 0, candidate);
}
