import { sizeOf } from "@servable/core";
import { boolAttribute, typeAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type Kernel, type KernelFactory, type KernelTable, onDevice, onHost, onHostMany } from "../run/kernel.js";
import { channelsLast } from "./channels-last.js";
import { bytesFor, spend } from "./host/allowance.js";
import { type Pooling, pool, poolWithPositions } from "./host/convolve.js";
import { tensorOfNumbers } from "./host/elements.js";
import { formatShape, mismatch } from "./host/shapes.js";
import { geometryOf, type Window } from "./host/window.js";
import { deviceWindow, type SpatialRank, spatialAttribute, windowOf } from "./window-attributes.js";

function checkRank(shape: readonly number[], rank: SpatialRank): void {
  if (shape.length === rank + 2) return;
  throw mismatch(`pooling needs ${rank + 2} dimensions, got ${formatShape(shape)}`);
}

interface PoolOp {
  readonly rank: SpatialRank;
  readonly pooling: Pooling;
  /** The device's kernel, if it is used. */
  readonly device?: string;
}

function pooling({ rank, pooling, device }: PoolOp): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", pooling === "average" ? DTYPES.floating : DTYPES.numeric);
    const window = windowOf(node, rank);
    const size = spatialAttribute(node, "ksize", rank);
    const host = onHost((x) => {
      checkRank(x.shape, rank);
      return pool(x, geometryOf(x.shape.slice(1, -1), size, window), pooling);
    });
    // The device wants windows of more than one element that leave none out between them.
    const isOrdinary =
      size.some((length) => length > 1) && size.every((length, at) => length >= (window.strides[at] ?? 1));
    if (device === undefined || dtype !== "float32" || !isOrdinary) return host;
    const { strides, pad } = deviceWindow(window);
    const attributes = { filterSize: [...size], strides, pad };
    const fast: Kernel = onDevice((on, x) => {
      checkRank(x.shape, rank);
      // Without padding of its own nothing gets larger than the image.
      const isBound = typeof window.padding === "string";
      const pixels = isBound ? x.size : pooledSize(x.shape, size, window);
      spend(bytesFor("float32", pixels));
      return on.run(device, { x: x.device() }, attributes);
    });
    return (on, ...inputs) => ((inputs[0]?.size ?? 0) > 0 ? fast(on, ...inputs) : host(on, ...inputs));
  };
}

function pooledSize(x: readonly number[], size: readonly number[], window: Window): number {
  const { output } = geometryOf(x.slice(1, -1), size, window);
  return (x[0] ?? 0) * sizeOf(output) * (x.at(-1) ?? 0);
}

const withPositions: KernelFactory = (node: GraphNode) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const dtype = typeAttribute(node, "Targmax", "int64");
  if (dtype !== "int32" && dtype !== "int64") throw unsupported(`Targmax ${dtype}`);
  const window = windowOf(node, 2);
  const size = spatialAttribute(node, "ksize", 2);
  const withBatch = boolAttribute(node, "include_batch_in_index", false);
  return onHostMany((x) => {
    checkRank(x.shape, 2);
    const [best, positions] = poolWithPositions(x, geometryOf(x.shape.slice(1, -1), size, window), withBatch);
    return [best, tensorOfNumbers(dtype, best.shape, positions)];
  });
};

/** Operations that leave one element of those under a window. */
export const POOLING: KernelTable = {
  AvgPool: channelsLast(pooling({ rank: 2, pooling: "average", device: "AvgPool" })),
  AvgPool3D: channelsLast(pooling({ rank: 3, pooling: "average" })),
  MaxPool: channelsLast(pooling({ rank: 2, pooling: "largest", device: "MaxPool" })),
  MaxPool3D: channelsLast(pooling({ rank: 3, pooling: "largest" })),
  MaxPoolWithArgmax: withPositions,
};
