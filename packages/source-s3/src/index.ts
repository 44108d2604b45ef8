export {
  type BucketEvent,
  type BucketEvents,
  type BucketEventsOptions,
  bucketEvents,
} from "./bucket-events.js";
export type { S3DiscoverOptions, S3SourceOptions, S3WatchOptions } from "./options.js";
export { type Published, type PublishOptions, publishToS3 } from "./publish.js";
export { s3Source } from "./s3-source.js";
export type { S3ConnectionOptions, S3Credentials } from "./store/connection.js";
export {
  type GetOptions,
  type ObjectChecksum,
  type ObjectListing,
  type ObjectStore,
  type StoredObject,
  StoreError,
  type StoreErrorKind,
  type Upload,
} from "./store/object-store.js";
