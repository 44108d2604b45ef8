import { expect, it } from "vitest";
import { fromHalfBits } from "./half-bits.js";
import { dataFromBytes } from "./stored-tensor.js";

/** binary16 by its definition (IEEE 754). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

it("widens every half", () => {
  const bits = Array.from({ length: 65_536 }, (_, index) => index);
  const found = fromHalfBits("float16", bits);
  expect(bits.filter((each) => !Object.is(found[each], half(each)))).toEqual([]);
});

it("widens every bfloat16 to the float32 that begins with its bits", () => {
  const bits = Array.from({ length: 65_536 }, (_, index) => index);
  const found = fromHalfBits("bfloat16", bits);
  const view = new DataView(found.buffer);
  expect(bits.filter((each) => view.getUint32(4 * each, true) !== each * 65_536)).toEqual([]);
});

it("takes over bytes that have a buffer of their own, and copies parts of larger ones", () => {
  const own = new Uint8Array(8);
  expect((dataFromBytes("float32", own) as Float32Array).buffer).toBe(own.buffer);
  const part = new Uint8Array(16).subarray(1, 9);
  expect((dataFromBytes("float32", part) as Float32Array).buffer.byteLength).toBe(8);
});

it("makes 0 and 1 of bools of any byte", () => {
  expect(dataFromBytes("bool", Uint8Array.of(0, 1, 2, 255))).toEqual(Uint8Array.of(0, 1, 1, 1));
});
