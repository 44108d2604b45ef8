import { sizeOf, type Tensor } from "@servable/core";
import { intsAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { blank, elementsOf } from "./host/elements.js";
import { formatShape, mismatch } from "./host/shapes.js";
import { eachTap, type Geometry, geometryOf, withDepth } from "./host/window.js";
import { type SpatialRank, spatialAttribute, windowOf } from "./window-attributes.js";

/** What lies under each window, one behind the other as channels; zeros outside of the image. */
function patches(x: Tensor, geometry: Geometry): Tensor {
  const [batch = 0, channels = 0] = [x.shape[0], x.shape.at(-1)];
  const depth = sizeOf(geometry.size) * channels;
  const [inputSize, outputSize] = [sizeOf(geometry.input), sizeOf(geometry.output)];
  const result = blank(x.dtype, [batch, ...geometry.output, depth]);
  const [source, target] = [elementsOf(x), elementsOf(result)];
  for (let image = 0; image < batch; image++) {
    eachTap(geometry.input.length === 2 ? withDepth(geometry) : geometry, (output, input, tap) => {
      const to = (image * outputSize + output) * depth + tap * channels;
      const from = (image * inputSize + input) * channels;
      for (let channel = 0; channel < channels; channel++) target[to + channel] = source[from + channel];
    });
  }
  return result;
}

function extract(rank: SpatialRank): KernelFactory {
  return (node: GraphNode) => {
    dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16", "bool"]);
    const size = spatialAttribute(node, "ksizes", rank);
    const rates = node.attributes.has("rates") ? intsAttribute(node, "rates").slice(1, -1) : size.map(() => 1);
    const window = { ...windowOf(node, rank), dilations: rates };
    return onHost((x) => {
      if (x.shape.length !== rank + 2) throw mismatch(`there are no patches of ${formatShape(x.shape)}`);
      return patches(x, geometryOf(x.shape.slice(1, -1), size, window));
    });
  };
}

/** Operations that cut images into patches. */
export const PATCHES: KernelTable = { ExtractImagePatches: extract(2), ExtractVolumePatches: extract(3) };
