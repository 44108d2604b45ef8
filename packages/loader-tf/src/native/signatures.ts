import { type SavedSignature, signaturesOf } from "@servable/saved-model";
import { DataType, type MetaGraphDef, type TensorInfo } from "@servable/tf-proto";
import type { TensorType } from "./tensors.js";

/** How tensors of float16 and bfloat16 are taken and given. */
export type Halves = "float32" | "bits";

/** Quantized numbers are integers whose scale the model knows. */
const PLAIN: ReadonlyMap<DataType, DataType> = new Map([
  [DataType.DT_QINT8, DataType.DT_INT8],
  [DataType.DT_QUINT8, DataType.DT_UINT8],
  [DataType.DT_QINT16, DataType.DT_INT16],
  [DataType.DT_QUINT16, DataType.DT_UINT16],
  [DataType.DT_QINT32, DataType.DT_INT32],
]);

const HALVES: readonly DataType[] = [DataType.DT_HALF, DataType.DT_BFLOAT16];

/** Ref types, the outputs of TensorFlow 1's variables, are their type plus this. */
const REF_OFFSET = 100;

/** A tensor in the graph. */
export interface GraphTensor extends TensorType {
  readonly operation: string;
  /** Which output of the operation. */
  readonly index: number;
}

/** A signature for the caller, and the tensors that it means. */
export interface NativeSignature {
  readonly signature: SavedSignature;
  readonly inputs: ReadonlyMap<string, GraphTensor>;
  readonly outputs: ReadonlyMap<string, GraphTensor>;
}

/**
 * The signatures of a graph, by name. Quantized types are given as the integers that they are, and with `bits` the half
 * types as uint16.
 * @throws SavedModelError UNSUPPORTED for a tensor that is sparse, composite, or of a type that no tensor has here
 */
export function nativeSignatures(metaGraph: MetaGraphDef, halves: Halves): ReadonlyMap<string, NativeSignature> {
  const plain = (info: TensorInfo): TensorInfo => ({ ...info, dtype: plainType(codeOf(info), halves) });
  const each = (infos: ReadonlyMap<string, TensorInfo>): Map<string, TensorInfo> =>
    new Map([...infos].map(([name, info]) => [name, plain(info)]));
  const definitions = [...metaGraph.signatureDef].map(
    ([name, definition]) =>
      [name, { ...definition, inputs: each(definition.inputs), outputs: each(definition.outputs) }] as const,
  );
  const signatures = signaturesOf({ ...metaGraph, signatureDef: new Map(definitions) });
  return new Map(
    [...signatures].map(([name, signature]) => {
      const { inputs = new Map(), outputs = new Map() } = metaGraph.signatureDef.get(name) ?? {};
      return [
        name,
        {
          signature,
          inputs: graphTensors(signature.inputs, inputs),
          outputs: graphTensors(signature.outputs, outputs),
        },
      ];
    }),
  );
}

function plainType(code: DataType, halves: Halves): DataType {
  if (halves === "bits" && HALVES.includes(code)) return DataType.DT_UINT16;
  return PLAIN.get(code) ?? code;
}

function codeOf({ dtype }: TensorInfo): DataType {
  return (dtype > REF_OFFSET ? dtype - REF_OFFSET : dtype) as DataType;
}

function graphTensors(
  specs: SavedSignature["inputs"],
  infos: ReadonlyMap<string, TensorInfo>,
): ReadonlyMap<string, GraphTensor> {
  return new Map(
    [...infos].flatMap(([name, info]) => {
      const spec = specs[name];
      if (spec === undefined) return [];
      const [, operation = spec.tensorName, index = "0"] = /^(.*):(\d+)$/.exec(spec.tensorName) ?? [];
      return [[name, { dtype: spec.dtype, code: codeOf(info), operation, index: Number(index) }]];
    }),
  );
}
