import { type DType, ServingError } from "@servable/core";
import { dataTypeCode, dataTypeName } from "@servable/tf-proto";
import type { Attribute, Attributes, GraphNode } from "../portable/graph/graph.js";
import { KERNELS } from "../portable/kernels/registry.js";
import { nodeOfCase, opCases } from "./op-cases.js";

const INTEGERS: readonly DType[] = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"];
const FLOATS: readonly DType[] = ["float16", "bfloat16", "float32", "float64"];
const DTYPES: readonly DType[] = [...FLOATS, ...INTEGERS, "bool", "string", "complex64", "complex128"];

/** What the dtypes do not say. */
const NOTES: Readonly<Record<string, string>> = {
  Assert: "a failed one ends the call",
  AvgPool: "NHWC and NCHW",
  BatchMatMulV3: "all of one dtype, or bytes summed in int32",
  Conv2D: "NHWC and NCHW; groups, dilations, explicit padding",
  Conv2DBackpropInput: "NHWC",
  Conv3D: "NDHWC and NCDHW",
  Conv3DBackpropInputV2: "NDHWC",
  DepthwiseConv2dNative: "NHWC and NCHW; dilations, explicit padding",
  DepthwiseConv2dNativeBackpropInput: "NHWC",
  DecodeAndCropJpeg: "as DecodeJpeg",
  DecodeBmp: "8 (grey), 24 and 32 bits",
  DecodeImage: "BMP, GIF, JPEG, PNG",
  DecodeJpeg:
    "JPEG, sequential and progressive, GIF and PNG; not `acceptable_fraction`; pixels are those of libjpeg-turbo",
  DecodePng: "PNG, GIF and JPEG",
  Einsum: "one or two operands",
  FusedBatchNormV3: "NHWC and NCHW; by statistics that are given, or of the batch",
  MaxPool: "NHWC and NCHW; explicit padding",
  Maximum: "NaN may be lost where the kernels run it",
  Minimum: "NaN may be lost where the kernels run it",
  Multinomial: "well distributed, not TensorFlow's numbers; the same again for the same seeds",
  QuantizeAndDequantizeV2: "one range for the whole tensor",
  QuantizeAndDequantizeV3: "one range for the whole tensor",
  QuantizeAndDequantizeV4: "one range for the whole tensor",
  RandomShuffle: "not TensorFlow's order; the same again for the same seeds",
  RandomStandardNormal: "with seeds, the first call of a loaded model gives TensorFlow's numbers",
  RandomUniform: "with seeds, the first call of a loaded model gives TensorFlow's numbers",
  RandomUniformInt: "with seeds, the first call of a loaded model gives TensorFlow's numbers",
  Relu6: "NaN may be lost where the kernels run it",
  TruncatedNormal: "well distributed, not TensorFlow's numbers; the same again for the same seeds",
};

const HEAD = `# What the portable engine runs

Generated from the engine's kernels by
\`npx vitest run --project unit packages/loader-tf/src/portable/kernels/operations-page.test.ts -u\`; do not edit.

Each operation is held against TensorFlow's own results. A model with any other operation, or one with another dtype, is
refused at load with the whole list. Control flow, functions and variables are compiled and have no row here.

Float32 runs on TensorFlow.js's WebAssembly kernels where these do as TensorFlow does, all else in TypeScript. Float16 and
bfloat16 are computed in float32 and each result is rounded to the nearest, half to even. Integers wrap as in TensorFlow;
64-bit ones are exact. A float beyond an integer type becomes that type's least value, as on x86. Stateless random
operations give TensorFlow's numbers, bit for bit in the uniform case. The dtypes are those of the operation's data.

`;

/** `docs/portable-ops.md`: every operation of the engine with its dtypes, found by asking the kernels. */
export function operationsPage(): string {
  const rows = [...KERNELS.keys()]
    .filter((op) => !op.startsWith("_"))
    .sort()
    .map((op) => `| ${op} | ${dtypesOf(op)} | ${NOTES[op] ?? ""} |`);
  return `${HEAD}${rows.length} operations:\n\n| operation | dtypes | notes |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

const cases = new Map(opCases().map((each) => [each.op, each]));

/** The dtypes for which the operation's kernel can be made. */
function dtypesOf(op: string): string {
  const known = cases.get(op);
  const node: GraphNode =
    known === undefined ? { name: op, op, inputs: [], controls: [], attributes: new Map() } : nodeOfCase(known);
  const name = typeAttributeOf(node);
  if (name === undefined) return "";
  return summary(DTYPES.filter((dtype) => canMake(node, new Map(node.attributes).set(name, typeOf(dtype)))));
}

function typeOf(dtype: DType): Attribute {
  return { type: dataTypeCode(dtype) };
}

/** The type attribute that a kernel reads first. */
function typeAttributeOf(node: GraphNode): string | undefined {
  const read: string[] = [];
  const attributes = new Map(node.attributes);
  const watched: Attributes = new Proxy(attributes, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (name: string, ...rest: unknown[]): unknown => {
        if (key === "get") read.push(name);
        return (member as (...values: unknown[]) => unknown).call(target, name, ...rest);
      };
    },
  });
  canMake(node, watched);
  const isType = (name: string): boolean => {
    const found = attributes.get(name);
    return typeof found === "object" && "type" in found && dataTypeName(found.type) !== undefined;
  };
  return read.find(isType) ?? (attributes.size === 0 && read.includes("T") ? "T" : undefined);
}

function canMake(node: GraphNode, attributes: Attributes): boolean {
  try {
    KERNELS.get(node.op)?.({ ...node, attributes });
    return true;
  } catch (error) {
    // Without its attributes an operation is not one that TensorFlow writes.
    if (ServingError.is(error) && (error.code === "UNSUPPORTED" || error.code === "DATA_LOSS")) return false;
    throw error;
  }
}

function summary(dtypes: readonly DType[]): string {
  const has = (group: readonly DType[]): boolean => group.every((dtype) => dtypes.includes(dtype));
  if (has(DTYPES)) return "all";
  const parts: string[] = [];
  if (has(FLOATS)) parts.push("floats");
  else parts.push(...FLOATS.filter((dtype) => dtypes.includes(dtype)));
  if (has(INTEGERS)) parts.push("integers");
  else parts.push(...INTEGERS.filter((dtype) => dtypes.includes(dtype)));
  parts.push(...dtypes.filter((dtype) => !FLOATS.includes(dtype) && !INTEGERS.includes(dtype)));
  return parts.join(", ");
}
