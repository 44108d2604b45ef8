import type { Cancellation } from "@servable/inference";
import type { NonFinite } from "./json/write/write-elements.js";
import type { RequestRecord } from "./request-record.js";

/** A call whose body has been read. */
export interface CallExchange {
  /** The body, unpacked. */
  readonly bytes: Uint8Array;
  readonly cancellation: Cancellation;
  /** How predictions that are not finite are written. */
  readonly nonFinite: NonFinite;
  /** Where the phases are noted; undefined where nobody watches. */
  readonly record: RequestRecord | undefined;
}
