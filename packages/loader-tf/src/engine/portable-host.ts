import type { OptimizeOptions } from "../portable/optimize/passes.js";
import type { HostedModel, HostRequest, LoadOrder, ModelHost } from "./host.js";

/** What a thread of the portable engine is told of a model. */
export interface PortableOrder extends LoadOrder {
  readonly tags: readonly string[];
  readonly optimize: OptimizeOptions;
  /** Where the WASM kernels lie, if not where TensorFlow.js looks by itself. */
  readonly wasmPath?: string;
}

/** What is known of a program once it is loaded. */
export interface ProgramFacts {
  /** Nodes of the graph before and after each stage of the compiler, in order. */
  readonly nodes: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Bytes of one copy of the weights, in JavaScript's memory. */
  readonly weightBytes: number;
  /** Bytes of those weights that lie in the memory of the kernels, too, once the model has run. */
  readonly deviceBytes: number;
}

/** What a thread of the portable engine is to load. */
export type PortableRequest = HostRequest<PortableOrder>;

/** A program on the calling thread or on a pool of others. */
export type PortableModel = HostedModel<ProgramFacts>;

/** Where programs run. */
export type PortableHost = ModelHost<PortableOrder, ProgramFacts>;
