import type { TlsOptions } from "node:tls";
import type { HttpOptions } from "../options.js";

/** Options of `listen`. */
export interface ListenOptions extends HttpOptions {
  /** 0 takes a free one. @defaultValue 8501, TensorFlow Serving's */
  readonly port?: number | undefined;
  /** The address to listen on; 0.0.0.0 for all. @defaultValue 127.0.0.1 */
  readonly host?: string | undefined;
  /** Serves HTTPS: `key`, `cert` and what else node's `tls` takes. @defaultValue plain HTTP */
  readonly tls?: TlsOptions | undefined;
  /** Speaks HTTP/2 too; without `tls` it speaks nothing else. @defaultValue false */
  readonly http2?: boolean | undefined;
  /** How long a client may take to send its headers, or to agree on TLS. @defaultValue 15_000 */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a client may take to send a whole request, its body included. @defaultValue 120_000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a connection without a request is kept; longer than that of a proxy in front. @defaultValue 65_000 */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** Connections at once; more are closed as they come. @defaultValue no limit but the system's */
  readonly maxConnections?: number | undefined;
}

/** What a server's own limits are; the rest is the handler's. */
export interface ServerLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxConnections: number | undefined;
}

/** @throws RangeError for an option out of its range */
export function resolveLimits(options: ListenOptions): ServerLimits {
  const { headersTimeoutMs = 15_000, requestTimeoutMs = 120_000, keepAliveTimeoutMs = 65_000 } = options;
  const { maxConnections } = options;
  for (const [name, value] of Object.entries({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs })) {
    if (!(value > 0 && value < 2 ** 31)) throw new RangeError(`${name} must be a positive number of ms, got ${value}`);
  }
  if (maxConnections !== undefined && !(Number.isSafeInteger(maxConnections) && maxConnections > 0)) {
    throw new RangeError(`maxConnections must be a positive integer, got ${maxConnections}`);
  }
  return {
    headersTimeoutMs: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeoutMs,
    keepAliveTimeoutMs,
    maxConnections,
  };
}
