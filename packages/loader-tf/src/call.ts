import type { NamedTensors } from "@servable/core";

/** What a call wants of a loaded model. */
export interface Call {
  readonly signature: string;
  /** Tensors by input name; they must fit the signature. */
  readonly inputs: NamedTensors;
  /** Names of the outputs wanted. */
  readonly outputs: readonly string[];
}
