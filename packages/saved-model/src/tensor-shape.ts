import type { TensorShapeProto } from "@servable/tf-proto";
import { SavedModelError } from "./saved-model-error.js";

/** TensorFlow's limit; it keeps work that goes over pairs of dimensions short, too. */
const MAX_RANK = 254;

/**
 * The sizes of a shape, -1 where unknown; undefined where the rank is unknown.
 * @throws SavedModelError DATA_LOSS for a size below -1 or beyond 2^53, or more than 254 of them
 */
export function shapeOf(proto: TensorShapeProto | undefined, where: string): number[] | undefined {
  if (proto === undefined) return [];
  if (proto.unknownRank) return undefined;
  if (proto.dim.length > MAX_RANK) {
    throw new SavedModelError("DATA_LOSS", `${where}: a tensor cannot have ${proto.dim.length} dimensions`);
  }
  return proto.dim.map(({ size }) => {
    if (size >= -1n && size <= Number.MAX_SAFE_INTEGER) return Number(size);
    throw new SavedModelError("DATA_LOSS", `${where}: ${size} is not the size of a dimension`);
  });
}

/**
 * The sizes of a shape that must be fully known.
 * @throws SavedModelError DATA_LOSS if it is not, or has more elements than can be counted
 */
export function knownShapeOf(proto: TensorShapeProto | undefined, where: string): { shape: number[]; size: number } {
  const shape = shapeOf(proto, where);
  if (shape === undefined || shape.includes(-1))
    throw new SavedModelError("DATA_LOSS", `${where}: its shape is unknown`);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (Number.isSafeInteger(size)) return { shape, size };
  throw new SavedModelError("DATA_LOSS", `${where}: a tensor of shape [${shape.join(", ")}] is too large`);
}
