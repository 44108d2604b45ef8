import { FLOAT_BYTES, putFloat } from "./put-float.js";

const decoder = new TextDecoder();
const scratch = new Uint8Array(FLOAT_BYTES);

/** A float32 as the shortest decimal that reads back as the same float32; otherwise as `writeDouble`. */
export function writeFloat(value: number): string {
  return Number.isFinite(value) ? decoder.decode(scratch.subarray(0, putFloat(scratch, 0, value))) : String(value);
}
