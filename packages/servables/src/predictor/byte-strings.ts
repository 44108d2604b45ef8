import { ServingError, type Tensor, type TensorData } from "@servable/core";

/**
 * The byte strings of a string tensor.
 * @throws ServingError INVALID_ARGUMENT if it is none
 */
export function byteStringsOf(tensor: Tensor | undefined): readonly Uint8Array[] {
  if (tensor !== undefined && isByteStrings(tensor.data)) return tensor.data;
  throw new ServingError("INVALID_ARGUMENT", `needs a tensor of byte strings, got ${tensor?.dtype ?? "none"}`);
}

function isByteStrings(data: TensorData): data is readonly Uint8Array[] {
  return Array.isArray(data);
}
