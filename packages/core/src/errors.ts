/** Every way in which servable fails; `docs/errors.md` says what to do about each. */
export const servingErrorCodes = [
  "INVALID_ARGUMENT",
  "FAILED_PRECONDITION",
  "NOT_FOUND",
  "NOT_AVAILABLE",
  "ALREADY_EXISTS",
  "LOAD_FAILED",
  "DATA_LOSS",
  "UNSUPPORTED",
  "RESOURCE_EXHAUSTED",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "INTERNAL",
] as const;

/** One of {@link servingErrorCodes}. */
export type ServingErrorCode = (typeof servingErrorCodes)[number];

/** What a {@link ServingError} may carry beside its code and message. */
export interface ServingErrorOptions {
  /** The error that led here. */
  readonly cause?: unknown;
  /**
   * Whether trying the same again may succeed.
   * @defaultValue by code: true for NOT_AVAILABLE, LOAD_FAILED, RESOURCE_EXHAUSTED and DEADLINE_EXCEEDED
   */
  readonly retryable?: boolean;
}

const RETRYABLE: Record<ServingErrorCode, boolean> = {
  INVALID_ARGUMENT: false,
  FAILED_PRECONDITION: false,
  NOT_FOUND: false,
  NOT_AVAILABLE: true,
  ALREADY_EXISTS: false,
  LOAD_FAILED: true,
  DATA_LOSS: false,
  UNSUPPORTED: false,
  RESOURCE_EXHAUSTED: true,
  DEADLINE_EXCEEDED: true,
  CANCELLED: false,
  INTERNAL: false,
};

/** The one error class of servable: a closed code, a message that names the servable and the way out. */
export class ServingError extends Error {
  override readonly name = "ServingError";
  readonly code: ServingErrorCode;
  readonly retryable: boolean;

  constructor(code: ServingErrorCode, message: string, options: ServingErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE[code];
  }

  /** What logs keep of it; `JSON.stringify` would leave out the message. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { code, message, retryable, cause } = this;
    return { code, message, retryable, ...(cause instanceof Error && { cause: cause.message }) };
  }

  /** Recognises a ServingError by name, since an app may hold two copies of this package. */
  static is(error: unknown): error is ServingError {
    return error instanceof Error && error.name === "ServingError" && "code" in error;
  }

  /** `error` itself if it is a ServingError, else a ServingError of `code` with `error` as its cause. */
  static from(error: unknown, code: ServingErrorCode, prefix?: string): ServingError {
    if (ServingError.is(error)) return error;
    const text = error instanceof Error ? error.message : String(error);
    return new ServingError(code, prefix === undefined ? text : `${prefix}: ${text}`, { cause: error });
  }
}
