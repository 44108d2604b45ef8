import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Device } from "./device.js";
import { TensorList } from "./tensor-list.js";
import { Value } from "./value.js";

/** A device that only counts what it holds. */
function countingDevice(): Device & { readonly held: () => number } {
  let held = 0;
  const tensor = (shape: readonly number[]) => {
    held++;
    return { dataId: {}, shape: [...shape], dtype: "float32" as const };
  };
  return {
    held: () => held,
    upload: (_data, shape) => tensor(shape),
    download: () => new Float32Array(1),
    run: () => tensor([]),
    share: (_tensor, shape) => tensor(shape),
    release: () => void held--,
    get tensorCount() {
      return held;
    },
    memoryBytes: 0,
  };
}

const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });
const TYPE = { dtype: "float32", elementShape: [] } as const;

/** What a holder does with a list that it chose. */
type Command =
  | {
      readonly what: "set";
      readonly which: number;
      readonly index: number;
      readonly value: number;
      readonly last: boolean;
    }
  | { readonly what: "resize"; readonly which: number; readonly length: number; readonly last: boolean }
  | { readonly what: "share" | "release"; readonly which: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    what: fc.constant("set" as const),
    which: fc.nat(9),
    index: fc.nat(5),
    value: fc.nat(99),
    last: fc.boolean(),
  }),
  fc.record({ what: fc.constant("resize" as const), which: fc.nat(9), length: fc.nat(5), last: fc.boolean() }),
  fc.record({ what: fc.constantFrom("share" as const, "release" as const), which: fc.nat(9) }),
);

describe("a list of tensors", () => {
  it("never changes under a holder, and gives every element back", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const device = countingDevice();
        const holders: { value: Value; model: (number | undefined)[] }[] = [
          { value: Value.ofList(TensorList.ofLength(TYPE, 3), device), model: [undefined, undefined, undefined] },
        ];
        const check = (): void => {
          for (const { value, model } of holders) {
            expect(value.list().elements.map((element) => element?.host().data[0])).toEqual(model);
          }
        };
        for (const each of commands) {
          const chosen = holders[each.which % Math.max(holders.length, 1)];
          if (chosen === undefined) break;
          const { value, model } = chosen;
          const drop = (): void => {
            value.release();
            holders.splice(holders.indexOf(chosen), 1);
          };
          if (each.what === "share") holders.push({ value: value.share(), model: [...model] });
          if (each.what === "release") drop();
          if (each.what === "set") {
            const element = Value.ofHost(scalar(each.value), device);
            element.device();
            const changed = value.list().replaced(each.index, element, { isLastUse: each.last, grows: true });
            element.release();
            const next = Array.from({ length: Math.max(model.length, each.index + 1) }, (_, at) => model[at]);
            next[each.index] = each.value;
            holders.push({ value: Value.ofList(changed, device), model: next });
            if (each.last) drop();
          }
          if (each.what === "resize") {
            const changed = value.list().resized(each.length, { isLastUse: each.last });
            const next = Array.from({ length: each.length }, (_, at) => model[at]);
            holders.push({ value: Value.ofList(changed, device), model: next });
            if (each.last) drop();
          }
          check();
        }
        for (const { value } of holders) value.release();
        expect(device.held()).toBe(0);
      }),
    );
  });

  it("is changed in place for its only holder, and copied for one of several", () => {
    const device = countingDevice();
    const list = TensorList.ofLength(TYPE, 2);
    const element = Value.ofHost(scalar(1), device);
    expect(list.replaced(0, element, { isLastUse: true })).toBe(list);
    expect(list.replaced(0, element, { isLastUse: true })).not.toBe(list);
  });

  it.each<[string, (list: TensorList, element: Value) => unknown, string]>([
    ["a place beyond its end", (list, element) => list.replaced(2, element, { isLastUse: true }), "INVALID_ARGUMENT"],
    [
      "a place before its start",
      (list, element) => list.replaced(-1, element, { isLastUse: true, grows: true }),
      "INVALID_ARGUMENT",
    ],
    [
      "a place too far out",
      (list, element) => list.replaced(2 ** 30, element, { isLastUse: true, grows: true }),
      "RESOURCE_EXHAUSTED",
    ],
    ["too many places", (list) => list.resized(2 ** 30, { isLastUse: true }), "RESOURCE_EXHAUSTED"],
    ["fewer places than none", (list) => list.resized(-1, { isLastUse: true }), "INVALID_ARGUMENT"],
    [
      "an element of another shape",
      (list, element) => list.replaced(0, element.reshaped([1]), { isLastUse: true }),
      "INVALID_ARGUMENT",
    ],
  ])("refuses %s", (_title, change, code) => {
    const device = countingDevice();
    const list = TensorList.ofLength(TYPE, 2);
    let error: unknown;
    try {
      change(list, Value.ofHost(scalar(1), device));
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code });
  });
});
