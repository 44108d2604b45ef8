import { boolAttribute, typeAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import type { KernelTable } from "../run/kernel.js";
import { TensorList } from "../run/tensor-list.js";
import { Value } from "../run/value.js";
import { partsOf, rowsOf } from "./host/rows.js";
import { integerOf, integersOf } from "./host/shapes.js";
import { concatenated, elementAt, type PartialShape, stacked } from "./list-elements.js";
import { listOf, running, scattered } from "./tensor-list.js";

// An array of TensorFlow 1 is a resource that its operations change, with a "flow" that goes from one to the next and
// puts them into an order. Here the flow is the array: a list as TensorFlow 2 has them, and the handle is nothing.

function shapeAttribute(node: GraphNode, name: string): PartialShape {
  const attribute = node.attributes.get(name);
  return typeof attribute === "object" && "shape" in attribute ? attribute.shape : undefined;
}

const make = running((node) => {
  const elementShape = shapeAttribute(node, "element_shape");
  const type = { dtype: typeAttribute(node, "dtype"), elementShape, grows: boolAttribute(node, "dynamic_size", false) };
  return ({ device, input }) => {
    const list = TensorList.ofLength(type, integerOf(input(0).host()));
    return [Value.ofHost({ dtype: "int32", shape: [], data: Int32Array.of(0) }, device), Value.ofList(list, device)];
  };
});

const write = running(() => ({ device, input, isLastUse }) => {
  const list = input(3).list();
  const index = integerOf(input(1).host());
  return [Value.ofList(list.replaced(index, input(2), { isLastUse, grows: list.type.grows === true }), device)];
});

const read = running((node) => {
  const shape = shapeAttribute(node, "element_shape");
  return ({ device, input }) => [elementAt(input(2).list(), { index: integerOf(input(1).host()), shape }, device)];
});

const gather = running((node) => {
  const shape = shapeAttribute(node, "element_shape");
  return ({ device, input }) => [Value.ofHost(stacked(input(2).list(), integersOf(input(1).host()), shape), device)];
});

const scatter = running(() => ({ device, input }) => {
  const [indices, rows] = [integersOf(input(1).host()), rowsOf(input(2).host())];
  return [Value.ofList(scattered(input(3).list(), { indices, rows }, device), device)];
});

const concat = running((node) => {
  const rest = shapeAttribute(node, "element_shape_except0");
  const shape = rest === undefined ? undefined : [-1, ...rest];
  return ({ device, input }) => concatenated(input(1).list(), shape).map((tensor) => Value.ofHost(tensor, device));
});

const split = running(() => ({ device, input }) => {
  const parts = partsOf(input(1).host(), integersOf(input(2).host()));
  return [Value.ofList(listOf(input(3).list().type, parts, device), device)];
});

const size = running(() => ({ device, input }) => [
  Value.ofHost({ dtype: "int32", shape: [], data: Int32Array.of(input(1).list().length) }, device),
]);

/** Operations on the arrays of TensorFlow 1's loops. */
export const TENSOR_ARRAY: KernelTable = {
  TensorArrayConcatV3: concat,
  TensorArrayGatherV3: gather,
  TensorArrayReadV3: read,
  TensorArrayScatterV3: scatter,
  TensorArraySizeV3: size,
  TensorArraySplitV3: split,
  TensorArrayV3: make,
  TensorArrayWriteV3: write,
};
