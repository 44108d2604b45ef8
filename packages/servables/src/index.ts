export { type CompositeCall, type CompositeOptions, composite, type Signatures } from "./composite/composite.js";
export { type CombineFunction, type EnsembleOptions, ensemble } from "./composite/ensemble.js";
export type { Part } from "./composite/part.js";
export { type PipelineStep, pipeline } from "./composite/pipeline.js";
export type { EmbeddingIndex, NearestOptions, Neighbour } from "./embeddings/embedding-index.js";
export {
  type EmbeddingsFilesOptions,
  type EmbeddingsOptions,
  embeddings,
  embeddingsFiles,
} from "./embeddings/embeddings.js";
export type { VectorEntries } from "./embeddings/read-vectors.js";
export type { Metric } from "./embeddings/search.js";
export {
  type LookupTableFilesOptions,
  type LookupTableOptions,
  lookupTable,
  lookupTableFiles,
} from "./lookup-table/lookup-table.js";
export type { TableEntries } from "./lookup-table/read-table.js";
export type { LookupTable } from "./lookup-table/table.js";
export type { TableDType, TableValue } from "./lookup-table/value-type.js";
export { sharedServable } from "./shared-servable.js";
