import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostOnlyDevice } from "../../../testing/host-only-device.js";
import { floats, longs, numbersOf, type } from "../../../testing/run-kernel.js";
import type { Attribute } from "../../graph/graph.js";
import { Value } from "../../run/value.js";
import { splitsOfLengths } from "../host/splits.js";
import { KERNELS } from "../registry.js";

function run(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>>): readonly Value[] {
  const all = { Tvalues: type("float32"), Tsplits: type("int64"), ...attributes };
  const node = { op, name: "n", inputs: [], controls: [], attributes: new Map<string, Attribute>(Object.entries(all)) };
  return KERNELS.get(op)?.(node)(hostOnlyDevice, ...inputs) ?? [];
}

function packed(tensors: readonly Tensor[], isBatched: boolean): Value {
  const inputs = tensors.map((tensor) => Value.ofHost(tensor, hostOnlyDevice));
  const attributes = { RAGGED_RANK: BigInt(tensors.length - 1), batched_input: isBatched };
  const [variant] = run("RaggedTensorToVariant", inputs, attributes);
  if (variant === undefined) throw new Error("nothing came out");
  return variant;
}

function unpacked(variant: Value, rank: number, attributes: Readonly<Record<string, Attribute>> = {}): number[][] {
  const wanted = { input_ragged_rank: -1n, output_ragged_rank: BigInt(rank), ...attributes };
  return run("RaggedTensorFromVariant", [variant], wanted).map((value) => numbersOf(value.host()));
}

const splits = (lengths: readonly number[]): Tensor => longs(Array.from(splitsOfLengths(lengths)));

describe("ragged tensors in one value", () => {
  it("come out as they went in, whole or row by row", () => {
    const twoDeep = fc.array(fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(twoDeep, fc.boolean(), (rows, isBatched) => {
        const outer = splits(rows.map(({ length }) => length));
        const inner = splits(rows.flat().map(({ length }) => length));
        const tensors = [outer, inner, floats(rows.flat(2))];
        expect(unpacked(packed(tensors, isBatched), 2)).toEqual(tensors.map(numbersOf));
        const flat = [inner, floats(rows.flat(2))];
        if (rows.flat().length > 0) expect(unpacked(packed(flat, isBatched), 1)).toEqual(flat.map(numbersOf));
      }),
    );
  });

  it("are nothing if there are no rows", () => {
    const variant = packed([splits([]), floats([])], true);
    expect(variant.shape).toEqual([0]);
    expect(unpacked(variant, 1)).toEqual([[0], []]);
  });

  it.each([
    ["go back", [0, 3, 2, 4]],
    ["do not begin at 0", [1, 4]],
    ["end early", [0, 3]],
    ["end late", [0, 5]],
    ["are none", []],
  ])("are refused with splits that %s", (_title, ends) => {
    for (const isBatched of [true, false]) {
      expect(() => packed([longs(ends), floats([1, 2, 3, 4])], isBatched)).toThrow("do not go together");
    }
  });

  it("are refused as another rank or type than they are of", () => {
    const one = packed([splits([1, 2]), floats([1, 2, 3])], false);
    expect(() => unpacked(one, 0)).toThrow("not what is wanted");
    expect(() => unpacked(one, 2)).toThrow("not what is wanted");
    expect(() => unpacked(one, 1, { Tvalues: type("int32") })).toThrow("not what is wanted");
    expect(() => unpacked(packed([splits([1]), floats([1])], true), 0)).toThrow("not ragged");
    expect(() => unpacked(Value.ofHost(floats([1]), hostOnlyDevice), 1)).toThrow("a list of tensors is wanted");
  });
});
