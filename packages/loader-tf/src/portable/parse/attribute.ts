import type { AttrValue, TensorShapeProto } from "@servable/tf-proto";
import type { Attribute, Attributes } from "../graph/graph.js";

/** The attributes of a node as the graph keeps them; those without a value are left out. */
export function attributesOf(attributes: ReadonlyMap<string, AttrValue>): Attributes {
  const result = new Map<string, Attribute>();
  for (const [name, value] of attributes) {
    // Facts for TensorFlow's own runtime, such as _output_shapes, of no use here.
    if (name.startsWith("_")) continue;
    const attribute = attributeOf(value);
    if (attribute !== undefined) result.set(name, attribute);
  }
  return result;
}

/** Attributes with what a call gives for those that are placeholders. */
export function substituted(attributes: Attributes, call: Attributes): Attributes {
  const result = new Map(attributes);
  for (const [name, attribute] of attributes) {
    if (typeof attribute !== "object" || !("placeholder" in attribute)) continue;
    const given = call.get(attribute.placeholder);
    if (given !== undefined) result.set(name, given);
  }
  return result;
}

function attributeOf({ value }: AttrValue): Attribute | undefined {
  switch (value?.$case) {
    case undefined:
      return undefined;
    case "s":
    case "i":
    case "f":
    case "b":
      return value.value;
    case "type":
      return { type: value.value };
    case "shape":
      return { shape: shapeOf(value.value) };
    case "tensor":
      return { tensor: value.value };
    case "placeholder":
      return { placeholder: value.value };
    case "func":
      return { function: value.value.name };
    case "list": {
      const { s, i, f, b, type, shape, tensor, func } = value.value;
      return [
        ...s,
        ...i,
        ...f,
        ...b,
        ...type.map((item) => ({ type: item })),
        ...shape.map((item) => ({ shape: shapeOf(item) })),
        ...tensor.map((item) => ({ tensor: item })),
        ...func.map((item) => ({ function: item.name })),
      ];
    }
  }
}

function shapeOf(proto: TensorShapeProto): readonly number[] | undefined {
  return proto.unknownRank ? undefined : proto.dim.map((dimension) => Number(dimension.size));
}
