export { type Clock, LONGEST_TIMER_MS, systemClock } from "./clock.js";
export { Disposer } from "./disposer.js";
export {
  ServingError,
  type ServingErrorCode,
  type ServingErrorOptions,
  servingErrorCodes,
} from "./errors.js";
export type { Handle, Selector, VersionChoice } from "./handle.js";
export type { Dependency, LoadContext, Loaded, Loader, Parts, ResourceEstimate } from "./loader.js";
export { createManager, type ModelsOf } from "./manager/create-manager.js";
export type { OnDemandOptions } from "./manager/demand.js";
export type { ManagerEvent } from "./manager/events.js";
export type { BorrowOptions, CloseOptions, Manager, ModelMap, ModelName, WaitOptions } from "./manager/manager.js";
export type { ManagerOptions } from "./manager/options.js";
export type { ResourceLimits } from "./manager/resource-ledger.js";
export type { RetryOptions } from "./manager/retry.js";
export type {
  HistoryEntry,
  ManagerSnapshot,
  ModelSnapshot,
  SourceSnapshot,
  VersionSnapshot,
} from "./manager/snapshot.js";
export type { ManagerSources } from "./manager/source-desk.js";
export type { ByteRange, FileEntry, ModelFiles, OpenContext, OpenFiles } from "./model-files.js";
export type { AspiredVersionPolicy, PolicyAction, VersionView } from "./policy/aspired-version-policy.js";
export { availabilityPreserving } from "./policy/availability-preserving.js";
export { resourcePreserving } from "./policy/resource-preserving.js";
export {
  DEFAULT_SIGNATURE,
  isPredictor,
  type NamedTensors,
  type PredictOptions,
  type Predictor,
  type Signature,
  type TensorSpec,
} from "./predictor.js";
export type { Progress } from "./progress.js";
export { checkVersion, formatId, type ServableId } from "./servable.js";
export { type Shared, type SharedFactory, type SharedValue, shared } from "./shared.js";
export { type ControllableSource, controllableSource } from "./source/controllable-source.js";
export { loadWith } from "./source/load-with.js";
export { mapData } from "./source/map-data.js";
export type { Finds, LookContext, PollOptions } from "./source/poll-options.js";
export { pollSource } from "./source/poll-source.js";
export type { AspiredVersion, AspiredVersions, SkippedEntry, Source, SourceAdapter } from "./source/source.js";
export { type StaticLists, type StaticModels, staticSource } from "./source/static-source.js";
export { all, exactly, latest, missingVersions, type VersionPolicy } from "./source/version-policy.js";
export {
  allocate,
  type DType,
  isStorageOf,
  lanesOf,
  type TensorData,
  type TypedTensorData,
} from "./tensor/dtype.js";
export { type Nested, type Scalar, tensor, toNested } from "./tensor/nested.js";
export { makeTensor, sizeOf, type Tensor } from "./tensor/tensor.js";
export type { PublicState } from "./version/public-state.js";
export type { VersionPhase } from "./version/version-state.js";
export { type ReplayOptions, replay, type WarmUpCall } from "./warm-up/replay.js";
export { warmed } from "./warm-up/warmed.js";
