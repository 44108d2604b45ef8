import {
  type DataTypeName,
  dataTypeEnumName,
  dataTypeName,
  type MetaGraphDef,
  type TensorInfo,
} from "@servable/tf-proto";
import { SavedModelError } from "./saved-model-error.js";
import { shapeOf } from "./tensor-shape.js";

/** A tensor of a signature. */
export interface SignatureTensor {
  readonly dtype: DataTypeName;
  /** -1 where any size goes; undefined where any rank goes. */
  readonly shape: readonly number[] | undefined;
  /** The tensor in the graph: `serving_default_x:0`. */
  readonly tensorName: string;
}

/** A signature of a SavedModel. */
export interface SavedSignature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>;
  readonly outputs: Readonly<Record<string, SignatureTensor>>;
  readonly methodName: string;
}

/** The signature under which TensorFlow 2 keeps its initializer. */
export const INIT_OP_SIGNATURE = "__saved_model_init_op";

/**
 * The signatures that can be called, by name.
 * @throws SavedModelError UNSUPPORTED for a tensor that is sparse, composite, or of a type that no tensor has here
 */
export function signaturesOf(metaGraph: MetaGraphDef): ReadonlyMap<string, SavedSignature> {
  const signatures = new Map<string, SavedSignature>();
  for (const [name, definition] of metaGraph.signatureDef) {
    if (name === INIT_OP_SIGNATURE) continue;
    signatures.set(name, {
      inputs: tensorsOf(definition.inputs, `signature ${name}, input`),
      outputs: tensorsOf(definition.outputs, `signature ${name}, output`),
      methodName: definition.methodName,
    });
  }
  return signatures;
}

function tensorsOf(infos: ReadonlyMap<string, TensorInfo>, where: string): Record<string, SignatureTensor> {
  // fromEntries defines, so that a tensor called __proto__ is one like any other.
  return Object.fromEntries([...infos].map(([name, info]) => [name, tensorOf(info, `${where} ${name}`)]));
}

function tensorOf(info: TensorInfo, where: string): SignatureTensor {
  const dtype = dataTypeName(info.dtype);
  if (info.encoding?.$case !== "name")
    throw new SavedModelError("UNSUPPORTED", `${where}: only dense tensors are supported`);
  if (dtype === undefined) {
    throw new SavedModelError("UNSUPPORTED", `${where}: tensors of ${dataTypeEnumName(info.dtype)} are not supported`);
  }
  return { dtype, shape: shapeOf(info.tensorShape, where), tensorName: info.encoding.value };
}
