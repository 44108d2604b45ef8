import { intsAttribute, textAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed, unsupported } from "../graph/graph-error.js";
import type { Window } from "./host/window.js";

/** How many dimensions an image has beside batch and channels. */
export type SpatialRank = 2 | 3;

/**
 * The numbers for the dimensions of the image of an attribute that has one for each of NHWC or NDHWC.
 * @throws ServingError UNSUPPORTED if the window would slide along batch or channels
 */
export function spatialAttribute(node: GraphNode, name: string, rank: SpatialRank): readonly number[] {
  const fallback = Array.from({ length: rank + 2 }, () => 1);
  const values = intsAttribute(node, name, name === "dilations" ? fallback : undefined);
  if (values.length !== rank + 2 || values.some((value) => value < 1)) {
    throw malformed(`${name} of ${node.name} should be ${rank + 2} positive numbers`);
  }
  if (values[0] !== 1 || values.at(-1) !== 1) throw unsupported(`${name} along batch or channels`);
  return values.slice(1, -1);
}

/** Strides, dilations and padding of a node. */
export function windowOf(node: GraphNode, rank: SpatialRank): Window {
  const strides = spatialAttribute(node, "strides", rank);
  const dilations = spatialAttribute(node, "dilations", rank);
  const kind = textAttribute(node, "padding", "");
  if (kind === "SAME" || kind === "VALID") return { strides, dilations, padding: kind };
  if (kind !== "EXPLICIT") throw unsupported(`padding ${kind}`);
  const amounts = intsAttribute(node, "explicit_paddings");
  if (amounts.length !== 2 * (rank + 2) || amounts.some((amount) => amount < 0)) {
    throw malformed(`explicit_paddings of ${node.name} should be ${2 * (rank + 2)} numbers`);
  }
  const pairs = strides.map((_, axis): [number, number] => [amounts[2 * axis + 2] ?? 0, amounts[2 * axis + 3] ?? 0]);
  return { strides, dilations, padding: pairs };
}

/** A window in the device's words; a type and not an interface, so that it goes for a map of attributes. */
export type DeviceWindow = {
  readonly strides: number[];
  readonly dilations: number[];
  readonly pad: string | number[][];
};

/** The same in the device's words. */
export function deviceWindow({ strides, dilations, padding }: Window): DeviceWindow {
  const around = [0, 0];
  const pad =
    typeof padding === "string" ? padding.toLowerCase() : [around, ...padding.map((pair) => [...pair]), around];
  return { strides: [...strides], dilations: [...dilations], pad };
}
