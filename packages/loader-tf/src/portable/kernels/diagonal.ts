import { sizeOf, type Tensor } from "@servable/core";
import { textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { filled } from "./filling.js";
import { type Alignment, type Band, bandOf, layoutOf } from "./host/diagonals.js";
import { blank, elementsOf } from "./host/elements.js";
import { formatShape, integerOf, mismatch } from "./host/shapes.js";

const MAIN: Band = { low: 0, high: 0 };
const ALIGNMENTS: readonly Alignment[] = ["RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"];

/** Only the third versions say how; the ones before put everything to the left. */
function alignmentOf(node: GraphNode): Alignment {
  const written = textAttribute(node, "align", node.op.endsWith("V3") ? "RIGHT_LEFT" : "LEFT_LEFT");
  const alignment = ALIGNMENTS.find((each) => each === written);
  if (alignment === undefined) throw unsupported(`align ${written}`);
  return alignment;
}

/** What a kernel of any number of inputs does. */
type OnTensors = Parameters<typeof onHost>[0];

function aligned(make: (alignment: Alignment) => OnTensors): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.any);
    return onHost(make(alignmentOf(node)));
  };
}

function matrixOf({ shape }: Tensor): { rows: number; columns: number } {
  if (shape.length < 2) throw mismatch(`${formatShape(shape)} has no matrices`);
  return { rows: shape.at(-2) ?? 0, columns: shape.at(-1) ?? 0 };
}

/** The diagonals of matrices; where they are shorter than the longest stands `padding`. */
const part =
  (alignment: Alignment) =>
  (x: Tensor, ...[k, padding]: readonly Tensor[]): Tensor => {
    const { rows, columns } = matrixOf(x);
    const { count, length, each } = layoutOf({ rows, columns }, k === undefined ? MAIN : bandOf(k), alignment);
    const outer = x.shape.slice(0, -2);
    const result = filled(
      x.dtype,
      [...outer, ...(count === 1 ? [] : [count]), length],
      padding?.data[0] ?? blank(x.dtype, [1]).data[0],
    );
    const [source, target] = [elementsOf(x), elementsOf(result)];
    for (let matrix = 0; matrix < sizeOf(outer); matrix++) {
      each((place, position) => {
        target[matrix * count * length + place] = source[matrix * rows * columns + position];
      });
    }
    return result;
  };

/** Matrices made of their diagonals; everywhere else stands `padding`. */
const compose =
  (alignment: Alignment) =>
  (diagonals: Tensor, ...rest: readonly Tensor[]): Tensor => {
    const [k, wantedRows, wantedColumns, padding] = rest;
    const band = k === undefined ? MAIN : bandOf(k);
    const count = band.high - band.low + 1;
    const longest = diagonals.shape.at(-1) ?? 0;
    if (count > 1 && diagonals.shape.at(-2) !== count)
      throw mismatch(`${formatShape(diagonals.shape)} are not ${count} diagonals`);
    const least = { rows: longest - Math.min(band.high, 0), columns: longest + Math.max(band.low, 0) };
    const [rows, columns] = sizesOf(least, [wantedRows, wantedColumns]);
    const outer = diagonals.shape.slice(0, count > 1 ? -2 : -1);
    const shape = [...outer, rows, columns];
    const layout = layoutOf({ rows, columns }, band, alignment);
    if (layout.length !== longest)
      throw mismatch(`diagonals of ${longest} in a matrix of ${formatShape([rows, columns])}`);
    const result =
      padding === undefined ? blank(diagonals.dtype, shape) : filled(diagonals.dtype, shape, padding.data[0]);
    const [source, target] = [elementsOf(diagonals), elementsOf(result)];
    for (let matrix = 0; matrix < sizeOf(outer); matrix++) {
      layout.each((place, position) => {
        target[matrix * rows * columns + position] = source[matrix * count * longest + place];
      });
    }
    return result;
  };

/** Sizes that are not given (-1): the least that hold the diagonals, and a square where none is given. */
function sizesOf(
  least: { readonly rows: number; readonly columns: number },
  wanted: readonly (Tensor | undefined)[],
): readonly [number, number] {
  const [rows = -1, columns = -1] = wanted.map((size) => (size === undefined ? -1 : integerOf(size)));
  const square = Math.max(least.rows, least.columns);
  if (rows === -1 && columns === -1) return [square, square];
  return [rows === -1 ? least.rows : rows, columns === -1 ? least.columns : columns];
}

/** Matrices with other diagonals. */
const replace =
  (alignment: Alignment) =>
  (x: Tensor, diagonals: Tensor, ...[k]: readonly Tensor[]): Tensor => {
    const { rows, columns } = matrixOf(x);
    const { count, length, each } = layoutOf({ rows, columns }, k === undefined ? MAIN : bandOf(k), alignment);
    const outer = x.shape.slice(0, -2);
    const wanted = [...outer, ...(count === 1 ? [] : [count]), length];
    if (diagonals.shape.join() !== wanted.join()) {
      throw mismatch(`diagonals of shape ${formatShape(diagonals.shape)} where ${formatShape(wanted)} are wanted`);
    }
    const result: Tensor = { ...x, data: x.data.slice() };
    const [source, target] = [elementsOf(diagonals), elementsOf(result)];
    for (let matrix = 0; matrix < sizeOf(outer); matrix++) {
      each((place, position) => {
        target[matrix * rows * columns + position] = source[matrix * count * length + place];
      });
    }
    return result;
  };

/** Keeps so many diagonals below and above the main one; all of them where the number is negative. */
const band: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16", "bool"]);
  return onHost((x, lower, upper) => {
    const { rows, columns } = matrixOf(x);
    const [below, above] = [integerOf(lower), integerOf(upper)];
    const result = blank(x.dtype, x.shape);
    const [source, target] = [elementsOf(x), elementsOf(result)];
    for (let at = 0; at < x.data.length; at++) {
      const [y, x] = [Math.floor(at / columns) % rows, at % columns];
      if ((below < 0 || y - x <= below) && (above < 0 || x - y <= above)) target[at] = source[at];
    }
    return result;
  });
};

/** A tensor of twice the rank with the elements on its diagonal. */
const spread: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((x) => {
    const size = sizeOf(x.shape);
    const result = blank(x.dtype, [...x.shape, ...x.shape]);
    const [source, target] = [elementsOf(x), elementsOf(result)];
    for (let at = 0; at < size; at++) target[at * (size + 1)] = source[at];
    return result;
  });
};

const collect: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((x) => {
    const shape = x.shape.slice(0, x.shape.length / 2);
    if ([...shape, ...shape].join() !== x.shape.join()) throw mismatch(`${formatShape(x.shape)} has no diagonal`);
    const size = sizeOf(shape);
    const result = blank(x.dtype, shape);
    const [source, target] = [elementsOf(x), elementsOf(result)];
    for (let at = 0; at < size; at++) target[at] = source[at * (size + 1)];
    return result;
  });
};

/** Operations about diagonals of matrices. */
export const DIAGONAL: KernelTable = {
  Diag: spread,
  DiagPart: collect,
  MatrixBandPart: band,
  MatrixDiag: aligned(compose),
  MatrixDiagPart: aligned(part),
  MatrixDiagPartV2: aligned(part),
  MatrixDiagPartV3: aligned(part),
  MatrixDiagV2: aligned(compose),
  MatrixDiagV3: aligned(compose),
  MatrixSetDiag: aligned(replace),
  MatrixSetDiagV2: aligned(replace),
  MatrixSetDiagV3: aligned(replace),
};
