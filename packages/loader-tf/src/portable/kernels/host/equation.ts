import { malformed } from "../../graph/graph-error.js";
import { formatShape, mismatch } from "./shapes.js";

/** A label for each dimension; a letter, or more than one character for what an ellipsis stands for. */
export type Labels = readonly string[];

/** `ij,jk->ik` */
export interface Equation {
  readonly operands: readonly Labels[];
  readonly output: Labels;
}

const ELLIPSIS = "...";

/** Reads an equation. @throws ServingError DATA_LOSS for what is none */
export function parseEquation(text: string): Equation {
  const [left = "", right, ...rest] = text.replaceAll(" ", "").split("->");
  if (right === undefined || rest.length > 0) throw malformed(`${text} is no einsum equation`);
  return { operands: left.split(",").map(labelsOf), output: labelsOf(right) };
}

function labelsOf(text: string): Labels {
  const labels = text.match(/\.\.\.|[A-Za-z]/g) ?? [];
  if (labels.join("") === text && labels.filter((label) => label === ELLIPSIS).length <= 1) return labels;
  throw malformed(`${text} is no part of an einsum equation`);
}

/**
 * The equation with labels of their own for the dimensions that ellipses stand for, counted from the last.
 * @throws ServingError INVALID_ARGUMENT for operands of other ranks than the equation has
 */
export function expandEllipses({ operands, output }: Equation, shapes: readonly (readonly number[])[]): Equation {
  if (shapes.length !== operands.length) throw mismatch(`${shapes.length} operands for ${operands.length}`);
  let most = 0;
  const expanded = operands.map((labels, at) => {
    const shape = shapes[at] ?? [];
    const hidden = shape.length - labels.filter((label) => label !== ELLIPSIS).length;
    if (hidden < 0 || (hidden > 0 && !labels.includes(ELLIPSIS))) {
      throw mismatch(`${formatShape(shape)} does not have the dimensions ${labels.join("")}`);
    }
    most = Math.max(most, hidden);
    return replaced(labels, hidden);
  });
  return { operands: expanded, output: replaced(output, most) };
}

function replaced(labels: Labels, hidden: number): Labels {
  const names = Array.from({ length: hidden }, (_, at) => `${ELLIPSIS}${hidden - at}`);
  return labels.flatMap((label) => (label === ELLIPSIS ? names : [label]));
}
