import type { Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { Device } from "../run/device.js";
import { type KernelFactory, type KernelTable, onValues } from "../run/kernel.js";
import type { Value } from "../run/value.js";
import { sliceValue } from "./arrangement.js";
import { channelsLast } from "./channels-last.js";
import { formatShape, integersOf, mismatch } from "./host/shapes.js";
import { padValue } from "./padding.js";
import { transposeValue } from "./transpose.js";

interface Move {
  /** The dimensions taken apart. */
  readonly apart: readonly number[];
  readonly order: readonly number[];
  /** The dimensions put together again. */
  readonly together: readonly number[];
}

/** Takes dimensions apart, puts them into another order, and puts them together. */
function move(x: Value, { apart, order, together }: Move, device: Device): Value {
  const parts = x.reshaped(apart);
  const turned = transposeValue(parts, order, device);
  parts.release();
  const result = turned.reshaped(together);
  turned.release();
  return result;
}

/** Axes `from` to `to`, without the last. */
function axes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

const spaceToDepth: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const block = intAttribute(node, "block_size");
  return onValues((device, x) => {
    const [batch = 0, height = 0, width = 0, depth = 0] = x.shape;
    if (x.shape.length !== 4 || height % block !== 0 || width % block !== 0) throw unfit(x.shape, [block, block]);
    const [rows, columns] = [height / block, width / block];
    const apart = [batch, rows, block, columns, block, depth];
    return move(
      x,
      { apart, order: [0, 1, 3, 2, 4, 5], together: [batch, rows, columns, block * block * depth] },
      device,
    );
  });
};

const depthToSpace: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const block = intAttribute(node, "block_size");
  return onValues((device, x) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
    const depth = channels / (block * block);
    if (x.shape.length !== 4 || !Number.isInteger(depth)) throw unfit(x.shape, [block, block]);
    const apart = [batch, height, width, block, block, depth];
    return move(
      x,
      { apart, order: [0, 1, 3, 2, 4, 5], together: [batch, height * block, width * block, depth] },
      device,
    );
  });
};

function unfit(shape: readonly number[], blocks: readonly number[]): Error {
  return mismatch(`${formatShape(shape)} cannot be cut into blocks of ${formatShape(blocks)}`);
}

function pairsOf(amounts: Tensor): [number, number][] {
  const flat = integersOf(amounts);
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? 0, flat[2 * at + 1] ?? 0]);
}

interface Blocks {
  readonly blocks: readonly number[];
  /** Padding or crops of each dimension that is cut. */
  readonly pairs: readonly (readonly [number, number])[];
}

function spaceToBatch(x: Value, { blocks, pairs }: Blocks, device: Device): Value {
  const count = blocks.length;
  const around = x.shape.map((_, axis): readonly [number, number] => pairs[axis - 1] ?? [0, 0]);
  const padded = padValue(x, around, device);
  const [batch = 0, ...sizes] = padded.shape;
  const [cut, rest] = [sizes.slice(0, count), sizes.slice(count)];
  const counts = cut.map((size, axis) => size / (blocks[axis] ?? 1));
  if (cut.length < count || !counts.every(Number.isInteger)) throw unfit(padded.shape, blocks);
  const whole = cut.flatMap((_, axis) => [counts[axis] ?? 0, blocks[axis] ?? 1]);
  const blockAxes = blocks.map((_, axis) => 2 + 2 * axis);
  const order = [
    ...blockAxes,
    0,
    ...blockAxes.map((axis) => axis - 1),
    ...axes(1 + 2 * count, 1 + 2 * count + rest.length),
  ];
  const area = blocks.reduce((product, block) => product * block, 1);
  const together = [batch * area, ...counts, ...rest];
  const result = move(padded, { apart: [batch, ...whole, ...rest], order, together }, device);
  padded.release();
  return result;
}

function batchToSpace(x: Value, { blocks, pairs }: Blocks, device: Device): Value {
  const count = blocks.length;
  const [batch = 0, ...sizes] = x.shape;
  const [cut, rest] = [sizes.slice(0, count), sizes.slice(count)];
  const images = batch / blocks.reduce((product, block) => product * block, 1);
  if (cut.length < count || !Number.isInteger(images)) throw unfit(x.shape, blocks);
  const order = [
    count,
    ...blocks.flatMap((_, axis) => [count + 1 + axis, axis]),
    ...axes(1 + 2 * count, 1 + 2 * count + rest.length),
  ];
  const whole = cut.map((size, axis) => size * (blocks[axis] ?? 1));
  const how = { apart: [...blocks, images, ...cut, ...rest], order, together: [images, ...whole, ...rest] };
  const joined = move(x, how, device);
  const begin = joined.shape.map((_, axis) => pairs[axis - 1]?.[0] ?? 0);
  const size = joined.shape.map((length, axis) => length - (pairs[axis - 1]?.[0] ?? 0) - (pairs[axis - 1]?.[1] ?? 0));
  if (size.some((length) => length < 0))
    throw mismatch(`${formatShape(joined.shape)} is cropped to ${formatShape(size)}`);
  const result = sliceValue(joined, { begin, size }, device);
  joined.release();
  return result;
}

function inBlocks(compute: (x: Value, blocks: Blocks, device: Device) => Value): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.any);
    return onValues((device, x, blocks, amounts) =>
      compute(x, { blocks: integersOf(blocks.host()), pairs: pairsOf(amounts.host()) }, device),
    );
  };
}

/** The first versions have one block size for height and width. */
function inSquares(compute: (x: Value, blocks: Blocks, device: Device) => Value): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.any);
    const block = intAttribute(node, "block_size");
    return onValues((device, x, amounts) =>
      compute(x, { blocks: [block, block], pairs: pairsOf(amounts.host()) }, device),
    );
  };
}

/** Operations that move elements between height and width and other dimensions. */
export const SPACE: KernelTable = {
  BatchToSpace: inSquares(batchToSpace),
  BatchToSpaceND: inBlocks(batchToSpace),
  DepthToSpace: channelsLast(depthToSpace),
  SpaceToBatch: inSquares(spaceToBatch),
  SpaceToBatchND: inBlocks(spaceToBatch),
  SpaceToDepth: channelsLast(spaceToDepth),
};
