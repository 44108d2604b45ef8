import { ServingError, type Tensor } from "@servable/core";
import { DataType } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { largestError, tensorOf } from "../../testing/golden.js";
import { hostOnlyDevice } from "../../testing/host-only-device.js";
import { nodeOfCase, type OpCase, opCases } from "../../testing/op-cases.js";
import type { Attribute, GraphNode } from "../graph/graph.js";
import type { Kernel } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { KERNELS } from "./registry.js";

/** Operations that TensorFlow itself has for no float64; and those whose results are of float32 whatever they take. */
const WITHOUT =
  /^(FusedBatchNorm|LRN|NonMaxSuppression|CombinedNonMaxSuppression|FakeQuant|Resize|CropAndResize|ScaleAndTranslate|Parse|DecodeImage|DecodeCSV|DecodeWav|EditDistance)/;
/** They give other numbers for another dtype: other bits, other limits. */
const OTHERWISE =
  /Random|Multinomial|TruncatedNormal|Bitcast|NextAfter|StringToNumber|UnsortedSegment(Max|Min)|Decode(Padded)?Raw/;

const cases = opCases().filter(({ op, inputs, outputs }) => {
  const dtypes = [...inputs, ...outputs].map(({ dtype }) => dtype);
  // Complex numbers of either width have cases of their own.
  const isPlain = dtypes.includes("float32") && !dtypes.includes("complex64");
  return isPlain && !WITHOUT.test(op) && !OTHERWISE.test(op);
});

const isFloat = (attribute: Attribute): boolean =>
  typeof attribute === "object" && "type" in attribute && attribute.type === DataType.DT_FLOAT;

/** The node of a case, for float64 wherever it was for float32. */
function wide(each: OpCase): GraphNode {
  const node = nodeOfCase(each);
  const widened = ([name, attribute]: [string, Attribute]): [string, Attribute] => [
    name,
    isFloat(attribute) ? { type: DataType.DT_DOUBLE } : attribute,
  ];
  // Where TensorFlow left the default out, it was float32.
  return { ...node, attributes: new Map([["T", { type: DataType.DT_DOUBLE }], ...[...node.attributes].map(widened)]) };
}

function toFloat64(tensor: Tensor): Tensor {
  return tensor.dtype === "float32"
    ? { ...tensor, dtype: "float64", data: Float64Array.from(tensor.data, Number) }
    : tensor;
}

function kernelOf(each: OpCase): Kernel | undefined {
  try {
    return KERNELS.get(each.op)?.(wide(each));
  } catch (error) {
    // What is refused is refused at load.
    if (ServingError.is(error) && error.code === "UNSUPPORTED") return undefined;
    throw error;
  }
}

describe("float64 is computed in float64, without the kernels of float32", () => {
  it.each(cases)("$name", (each) => {
    const kernel = kernelOf(each);
    if (kernel === undefined) throw new Error(`${each.op} refuses float64`);
    const inputs = each.inputs.map((written) => Value.ofHost(toFloat64(tensorOf(written)), hostOnlyDevice));
    const results = kernel(hostOnlyDevice, ...inputs).map((value) => value.host());
    for (const [at, written] of each.outputs.entries()) {
      const wanted = toFloat64(tensorOf(written));
      const found = results[at];
      expect(found?.dtype).toBe(wanted.dtype);
      expect(found?.shape).toEqual(wanted.shape);
      if (wanted.dtype !== "float64") continue;
      const finite = Array.from(wanted.data as Float64Array, Math.abs).filter(Number.isFinite);
      const scale = finite.reduce((largest, value) => Math.max(largest, value), 1);
      expect(largestError(found, wanted) / scale).toBeLessThanOrEqual(1e-5);
    }
  });
});
