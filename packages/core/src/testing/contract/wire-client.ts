import type { NamedTensors, Signature } from "../../predictor.js";
import type { PublicState } from "../../version/public-state.js";

/** A predict call, as a client of any wire says it. */
export interface WireRequest {
  readonly model: string;
  readonly version?: number;
  /** Excludes `version`. */
  readonly label?: string;
  /** @defaultValue "serving_default" */
  readonly signature?: string;
  readonly inputs: NamedTensors;
  /** When it aborts the client goes away: its connection breaks, its call is cancelled. */
  readonly signal?: AbortSignal;
}

/** How a version stands, as a client is told. */
export interface WireVersion {
  readonly version: number;
  readonly state: PublicState;
}

/**
 * A client of one adapter, and the adapter with it: disposal ends both. What the adapter answers with an error rejects
 * with an Error that has its `code`, one of `servingErrorCodes`; where a wire has one word for several codes, the client
 * takes the most common.
 */
export interface WireClient extends AsyncDisposable {
  /** Gives all outputs of the signature. */
  predict(request: WireRequest): Promise<NamedTensors>;
  /** How all versions of a model stand. */
  status(model: string): Promise<readonly WireVersion[]>;
  /** The signatures of the latest version of a model. */
  metadata(model: string): Promise<Readonly<Record<string, Signature>>>;
}
