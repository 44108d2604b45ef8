import { allocate, type Tensor } from "@servable/core";
import { DataType } from "@servable/tf-proto";
import { boolAttribute, intAttribute, typeAttribute } from "../graph/attributes.js";
import { dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import type { Device } from "../run/device.js";
import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { type ListType, TensorList } from "../run/tensor-list.js";
import { Value } from "../run/value.js";
import { partsOf, rowsOf } from "./host/rows.js";
import { integerOf, integersOf, mismatch } from "./host/shapes.js";
import { concatenated, elementAt, type PartialShape, partialShapeOf, stacked } from "./list-elements.js";

/** What an operation on lists is run with. */
export interface Run {
  readonly device: Device;
  /** Input `index`. @throws ServingError DATA_LOSS if there is none */
  readonly input: (index: number) => Value;
  /** Whether the list among the inputs is needed by nobody after this. */
  readonly isLastUse: boolean;
}

/** A kernel that looks at its inputs by itself. */
export function running(prepare: (node: GraphNode) => (run: Run) => readonly Value[]): KernelFactory {
  return (node) => {
    const compute = prepare(node);
    return (device, ...inputs) => {
      const input = (index: number): Value => {
        const value = inputs[index];
        if (value === undefined) throw malformed(`an operation has no input ${index}`);
        return value;
      };
      return compute({ device, input, isLastUse: inputs.some(({ isExpiring }) => isExpiring) });
    };
  };
}

/** An operation that makes a list; input `shapeAt` says what shape an element has. */
function making(shapeAt: number, make: (type: ListType, run: Run) => TensorList): KernelFactory {
  return running((node) => {
    const attribute = node.attributes.get("element_dtype");
    const isVariant = typeof attribute === "object" && "type" in attribute && attribute.type === DataType.DT_VARIANT;
    const dtype = isVariant ? "variant" : typeAttribute(node, "element_dtype");
    return (run) => {
      const elementShape = partialShapeOf(run.input(shapeAt).host());
      return [Value.ofList(make({ dtype, elementShape }, run), run.device)];
    };
  });
}

/** A list of those tensors. */
export function listOf(type: ListType, tensors: readonly Tensor[], device: Device): TensorList {
  return new TensorList(
    type,
    tensors.map((tensor) => Value.ofHost(tensor, device)),
  );
}

/** Where which tensor goes. */
export interface Scatter {
  readonly indices: readonly number[];
  readonly rows: readonly Tensor[];
}

/** A list with tensors at places; places beyond its end are made. */
export function scattered(list: TensorList, { indices, rows }: Scatter, device: Device): TensorList {
  if (indices.length !== rows.length) throw mismatch(`${rows.length} tensors for ${indices.length} places`);
  const length = indices.reduce((most, index) => Math.max(most, index + 1), list.length);
  const { elements } = TensorList.ofLength(list.type, length);
  const chosen: (Value | undefined)[] = [...elements];
  for (const [index, element] of list.elements.entries()) chosen[index] = element;
  const given = new Map<number, Value>();
  for (const [at, row] of rows.entries()) {
    const index = indices[at] ?? -1;
    if (index < 0) throw mismatch(`there is no place ${index}`);
    given.set(index, Value.ofHost(row, device));
  }
  return new TensorList(
    list.type,
    chosen.map((element, index) => given.get(index) ?? element?.share()),
  );
}

function shapeFrom(run: Run, index: number): PartialShape {
  return partialShapeOf(run.input(index).host());
}

const setItem = running((node) => {
  const grows = boolAttribute(node, "resize_if_index_out_of_bounds", false);
  return ({ device, input, isLastUse }) => {
    const index = integerOf(input(1).host());
    return [Value.ofList(input(0).list().replaced(index, input(2), { isLastUse, grows }), device)];
  };
});

const pushBack = running(() => ({ device, input, isLastUse }) => {
  const list = input(0).list();
  return [Value.ofList(list.replaced(list.length, input(1), { isLastUse, grows: true }), device)];
});

const popBack = running(() => (run) => {
  const list = run.input(0).list();
  if (list.length === 0) throw mismatch("an empty list has no last element");
  const last = elementAt(list, { index: list.length - 1, shape: shapeFrom(run, 1) }, run.device);
  return [Value.ofList(list.resized(list.length - 1, run), run.device), last];
});

const getItem = running(() => (run) => {
  const index = integerOf(run.input(1).host());
  return [elementAt(run.input(0).list(), { index, shape: shapeFrom(run, 2) }, run.device)];
});

const stack = running((node) => {
  const count = intAttribute(node, "num_elements", -1);
  return (run) => {
    const list = run.input(0).list();
    if (count !== -1 && count !== list.length) throw mismatch(`a list of ${list.length} where ${count} are wanted`);
    // A vector of variants is a list already.
    if (list.type.dtype === "variant") return [Value.ofList(list.hold(), run.device, [list.length])];
    const indices = Array.from({ length: list.length }, (_, index) => index);
    return [Value.ofHost(stacked(list, indices, shapeFrom(run, 1)), run.device)];
  };
});

const gather = running(() => (run) => {
  const indices = integersOf(run.input(1).host());
  return [Value.ofHost(stacked(run.input(0).list(), indices, shapeFrom(run, 2)), run.device)];
});

/** The first version has the shape as an attribute. */
const concat = running((node) => {
  const attribute = node.attributes.get("element_shape");
  const known = typeof attribute === "object" && "shape" in attribute ? attribute.shape : undefined;
  return (run) => {
    const shape = node.op === "TensorListConcatV2" ? shapeFrom(run, 1) : known;
    return concatenated(run.input(0).list(), shape).map((tensor) => Value.ofHost(tensor, run.device));
  };
});

const length = running(() => ({ device, input }) => {
  const { length: count } = input(0).list();
  return [Value.ofHost({ dtype: "int32", shape: [], data: Int32Array.of(count) }, device)];
});

const elementShape = running((node) => {
  const dtype = dtypeAmong(node, "shape_type", ["int32", "int64"]);
  return ({ device, input }) => {
    const shape = input(0).list().type.elementShape;
    const sizes = allocate(dtype, shape?.length ?? 1);
    for (const [axis, size] of (shape ?? [-1]).entries()) sizes[axis] = dtype === "int32" ? size : BigInt(size);
    return [Value.ofHost({ dtype, shape: shape === undefined ? [] : [shape.length], data: sizes }, device)];
  };
});

const scatterInto = running(() => ({ device, input }) => {
  const [rows, indices] = [rowsOf(input(1).host()), integersOf(input(2).host())];
  return [Value.ofList(scattered(input(0).list(), { rows, indices }, device), device)];
});

const resize = running(() => (run) => [
  Value.ofList(
    run
      .input(0)
      .list()
      .resized(integerOf(run.input(1).host()), run),
    run.device,
  ),
]);

const concatLists = running(() => ({ device, input }) => {
  const [one, other] = [input(0).list(), input(1).list()];
  const elements = [...one.elements, ...other.elements].map((element) => element?.share());
  return [Value.ofList(new TensorList(one.type, elements), device)];
});

const scatter = making(2, (type, { device, input }) => {
  const [rows, indices] = [rowsOf(input(0).host()), integersOf(input(1).host())];
  return scattered(TensorList.ofLength(type, 0), { rows, indices }, device);
});

/** The last input is how long the list is at least. */
const scatterSized = making(2, (type, { device, input }) => {
  const [rows, indices] = [rowsOf(input(0).host()), integersOf(input(1).host())];
  const least = Math.max(integerOf(input(3).host()), 0);
  return scattered(TensorList.ofLength(type, least), { rows, indices }, device);
});

/** Operations on the lists of TensorFlow 2's loops. */
export const TENSOR_LIST: KernelTable = {
  EmptyTensorList: making(0, (type) => TensorList.ofLength(type, 0)),
  TensorListConcat: concat,
  TensorListConcatLists: concatLists,
  TensorListConcatV2: concat,
  TensorListElementShape: elementShape,
  TensorListFromTensor: making(1, (type, { device, input }) =>
    type.dtype === "variant" ? input(0).list().hold() : listOf(type, rowsOf(input(0).host()), device),
  ),
  TensorListGather: gather,
  TensorListGetItem: getItem,
  TensorListLength: length,
  TensorListPopBack: popBack,
  TensorListPushBack: pushBack,
  TensorListReserve: making(0, (type, { input }) => TensorList.ofLength(type, integerOf(input(1).host()))),
  TensorListResize: resize,
  TensorListScatter: scatter,
  TensorListScatterIntoExistingList: scatterInto,
  TensorListScatterV2: scatterSized,
  TensorListSetItem: setItem,
  TensorListSplit: making(1, (type, { device, input }) => {
    const lengths = integersOf(input(2).host());
    return listOf({ ...type }, partsOf(input(0).host(), lengths), device);
  }),
  TensorListStack: stack,
};
