export type { BatchingOptions } from "./batch-options.js";
export { type BatchedPredictor, batched } from "./batched.js";
export type { DispatchReason, Priority } from "./schedule/member.js";
export { type BatchScheduler, type BatchSchedulerOptions, batchScheduler } from "./scheduler.js";
export type { BatchingStatistics, BatchReport, Counts } from "./statistics.js";
export { type LoaderBatchingOptions, withBatching } from "./with-batching.js";
