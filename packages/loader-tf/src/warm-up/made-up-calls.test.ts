import type { Signature, TensorSpec } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madeUpCalls } from "./made-up-calls.js";

function signature(inputs: Readonly<Record<string, TensorSpec>>): Signature {
  return { inputs, outputs: {}, methodName: "" };
}

function shapes(signatures: Readonly<Record<string, Signature>>, batchSizes: readonly number[]): unknown {
  return [...madeUpCalls(signatures, batchSizes)].map((call) => [
    call.signature,
    Object.fromEntries(Object.entries(call.inputs).map(([name, { shape }]) => [name, shape])),
  ]);
}

describe("madeUpCalls", () => {
  it("calls each signature with each batch size once, open dimensions beside it 1", () => {
    const a = signature({ x: { dtype: "float32", shape: [-1, 28, -1] }, n: { dtype: "int32", shape: [] } });
    const b = signature({ s: { dtype: "string", shape: undefined } });
    expect(shapes({ a, b }, [1, 4, 4])).toEqual([
      ["a", { x: [1, 28, 1], n: [] }],
      ["a", { x: [4, 28, 1], n: [] }],
      ["b", { s: [1] }],
      ["b", { s: [4] }],
    ]);
  });

  it("calls a signature once that leaves no first dimension open", () => {
    const fixed = signature({ x: { dtype: "float32", shape: [2, -1] } });
    expect(shapes({ fixed, none: signature({}) }, [3, 4])).toEqual([
      ["fixed", { x: [2, 1] }],
      ["none", {}],
    ]);
    expect(shapes({ fixed }, [])).toEqual([]);
  });

  it("makes tensors that fit their specs, all of them zero, false or empty", () => {
    const dtypes = fc.constantFrom<TensorSpec["dtype"][]>("float32", "int64", "bool", "string", "complex64", "float16");
    const specs = fc.record({
      dtype: dtypes,
      shape: fc.option(fc.array(fc.integer({ min: -1, max: 3 })), { nil: undefined }),
    });
    fc.assert(
      fc.property(specs, fc.integer({ min: 1, max: 5 }), (spec, batch) => {
        for (const { inputs } of madeUpCalls({ s: signature({ x: spec }) }, [batch])) {
          const x = inputs["x"];
          expect(x?.dtype).toBe(spec.dtype);
          expect(x?.shape).toHaveLength(spec.shape?.length ?? 1);
          for (const [axis, size] of (spec.shape ?? []).entries()) if (size >= 0) expect(x?.shape[axis]).toBe(size);
          const isEmpty = (value: unknown): boolean => (value instanceof Uint8Array ? value.length === 0 : !value);
          expect(Array.from<unknown>(x?.data ?? [1]).every(isEmpty)).toBe(true);
        }
      }),
    );
  });
});
