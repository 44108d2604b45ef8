import { sizeOf, type Tensor } from "@servable/core";
import { textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import type { Device } from "../run/device.js";
import { type KernelFactory, type KernelTable, onValues } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { arithmeticOf, blank, elementsOf } from "./host/elements.js";
import { type Equation, expandEllipses, type Labels, parseEquation } from "./host/equation.js";
import { reduce } from "./host/reduce.js";
import { formatShape, mismatch, stridesOf } from "./host/shapes.js";
import { broadcastTo, copyView, placeInto } from "./host/strided.js";
import { batchProduct } from "./matmul.js";
import { transposeValue } from "./transpose.js";

/** A value and a label for each of its dimensions. */
interface Labelled {
  readonly value: Value;
  readonly labels: Labels;
}

/** A label that comes twice in one operand stands for the diagonal. */
function diagonal({ value, labels }: Labelled, device: Device): Labelled {
  const unique = [...new Set(labels)];
  if (unique.length === labels.length) return { value: value.reshaped(value.shape), labels };
  const strides = stridesOf(value.shape);
  const all = labels.map((label, axis) => ({ label, size: value.shape[axis] ?? 1, stride: strides[axis] ?? 0 }));
  const merged = unique.map((label) => {
    const same = all.filter((each) => each.label === label);
    if (new Set(same.map(({ size }) => size)).size > 1) throw mismatch(`${formatShape(value.shape)} has no diagonal`);
    return { size: same[0]?.size ?? 1, stride: same.reduce((sum, { stride }) => sum + stride, 0) };
  });
  const view = { shape: merged.map(({ size }) => size), strides: merged.map(({ stride }) => stride), offset: 0 };
  return { value: Value.ofHost(copyView(value.host(), view), device), labels: unique };
}

/** Sums over what neither the other operand nor the result has. */
function summed({ value, labels }: Labelled, kept: Labels, device: Device): Labelled {
  const axes = labels.flatMap((label, axis) => (kept.includes(label) ? [] : [axis]));
  if (axes.length === 0) return { value: value.reshaped(value.shape), labels };
  const { zero, add } = arithmeticOf(value.dtype);
  const sum = reduce(value.host(), axes, { start: zero, step: () => add, keepDims: false });
  return { value: Value.ofHost(sum, device), labels: labels.filter((label) => kept.includes(label)) };
}

/** Dimensions in the order of the labels; those that the value lacks have size 1. */
function ordered({ value, labels }: Labelled, order: Labels, device: Device): Value {
  const present = order.filter((label) => labels.includes(label));
  const turned = transposeValue(
    value,
    present.map((label) => labels.indexOf(label)),
    device,
  );
  const result = turned.reshaped(order.map((label) => value.shape[labels.indexOf(label)] ?? 1));
  turned.release();
  return result;
}

function sizesOf(operands: readonly Labelled[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { value, labels } of operands) {
    for (const [axis, label] of labels.entries()) {
      const [size, known] = [value.shape[axis] ?? 1, sizes.get(label)];
      // Only what an ellipsis stands for is stretched.
      if (known !== undefined && known !== size && !(label.length > 1 && (known === 1 || size === 1))) {
        throw mismatch(`dimension ${label} has both ${known} and ${size} elements`);
      }
      if (known === undefined || known === 1) sizes.set(label, size);
    }
  }
  return sizes;
}

/** The product of two operands over what they share and the result lacks, as a product of stacks of matrices. */
function contract(a: Labelled, b: Labelled, { output, device }: { output: Labels; device: Device }): Labelled {
  const sizes = sizesOf([a, b]);
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => output.includes(label));
  const inner = shared.filter((label) => !output.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const total = (labels: Labels): number => sizeOf(labels.map((label) => sizes.get(label) ?? 1));
  const matrices = (operand: Labelled, first: Labels, second: Labels): Value => {
    const turned = ordered(operand, [...batch, ...first, ...second], device);
    const own = turned.shape.slice(0, batch.length);
    const stretched = stretchInner(
      turned,
      [...own, ...[...first, ...second].map((label) => sizes.get(label) ?? 1)],
      device,
    );
    const result = stretched.reshaped([...own, total(first), total(second)]);
    for (const value of [turned, stretched]) value.release();
    return result;
  };
  const left = matrices(a, rows, inner);
  const right = matrices(b, inner, columns);
  const product = batchProduct(left, right, { turned: { transposeA: false, transposeB: false }, device });
  const labels = [...batch, ...rows, ...columns];
  const value = product.reshaped(labels.map((label) => sizes.get(label) ?? 1));
  for (const each of [left, right, product]) each.release();
  return { value, labels };
}

/** What is summed over must have its full size. */
function stretchInner(value: Value, shape: readonly number[], device: Device): Value {
  if (value.shape.every((size, axis) => size === shape[axis])) return value.reshaped(shape);
  return Value.ofHost(broadcastTo(value.host(), shape), device);
}

/** Writes a result to the diagonals that labels which come twice in the output ask for. */
function spread({ value, labels }: Labelled, output: Labels, device: Device): Value {
  const unique = [...new Set(output)];
  const result = ordered({ value, labels }, unique, device);
  if (unique.length === output.length) return result;
  const shape = output.map((label) => result.shape[unique.indexOf(label)] ?? 1);
  const spreadOut: Tensor = blank(value.dtype, shape);
  const strides = stridesOf(shape);
  const sums = unique.map((label) =>
    output.reduce((sum, each, axis) => sum + (each === label ? (strides[axis] ?? 0) : 0), 0),
  );
  placeInto(elementsOf(spreadOut), result.host(), { offset: 0, strides: sums });
  result.release();
  return Value.ofHost(spreadOut, device);
}

function evaluate(equation: Equation, inputs: readonly Value[], device: Device): Value {
  const { operands, output } = expandEllipses(
    equation,
    inputs.map(({ shape }) => shape),
  );
  const held: Value[] = [];
  const hold = (labelled: Labelled): Labelled => {
    held.push(labelled.value);
    return labelled;
  };
  try {
    const diagonals = inputs.map((value, at) => hold(diagonal({ value, labels: operands[at] ?? [] }, device)));
    const reduced = diagonals.map((operand, at) => {
      const others = diagonals.flatMap(({ labels }, other) => (other === at ? [] : labels));
      return hold(summed(operand, [...others, ...output], device));
    });
    const [first, second] = reduced;
    if (first === undefined) throw mismatch("there is nothing to sum over");
    return spread(second === undefined ? first : hold(contract(first, second, { output, device })), output, device);
  } finally {
    for (const value of held) value.release();
  }
}

const einsum: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const equation = parseEquation(textAttribute(node, "equation", ""));
  if (equation.operands.length > 2) throw unsupported(`an equation of ${equation.operands.length} operands`);
  return onValues((device, ...inputs) => evaluate(equation, inputs, device));
};

/** Sums of products by Einstein's convention. */
export const EINSUM: KernelTable = { Einsum: einsum };
