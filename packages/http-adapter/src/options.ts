/** Options of the handlers. */
export interface HttpOptions {
  /** What comes before `/v1` in paths, such as `/serving`. @defaultValue "" */
  readonly prefix?: string | undefined;
  /** The size of the largest body that is read; a larger one is answered with 413. @defaultValue 64 MiB */
  readonly maxBodyBytes?: number | undefined;
  /** Told of each error that is answered with 500: a fault of a model or of this library. @defaultValue nothing */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** {@link HttpOptions}, checked and with their defaults. */
export interface ResolvedHttpOptions {
  readonly prefix: string;
  readonly maxBodyBytes: number;
  readonly onError: (error: unknown) => void;
}

/** @throws RangeError for an option out of its range */
export function resolveHttpOptions(options: HttpOptions = {}): ResolvedHttpOptions {
  const { prefix = "", maxBodyBytes = 64 * 1_024 * 1_024, onError = () => {} } = options;
  if (prefix !== "" && !/^(\/[^/?#]+)+$/.test(prefix)) {
    throw new RangeError(`prefix must begin with a slash and not end with one, got "${prefix}"`);
  }
  if (!Number.isSafeInteger(maxBodyBytes) || maxBodyBytes < 1) {
    throw new RangeError(`maxBodyBytes must be a positive integer, got ${maxBodyBytes}`);
  }
  return { prefix, maxBodyBytes, onError };
}
