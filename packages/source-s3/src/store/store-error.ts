import { StoreError, type StoreErrorKind } from "./object-store.js";

const KINDS: Readonly<Record<string, StoreErrorKind>> = {
  NoSuchKey: "missing",
  NotFound: "missing",
  NoSuchBucket: "no-bucket",
  AccessDenied: "refused",
  AllAccessDisabled: "refused",
  AccountProblem: "refused",
  AuthorizationHeaderMalformed: "refused",
  CredentialsProviderError: "refused",
  ExpiredToken: "refused",
  InvalidAccessKeyId: "refused",
  InvalidToken: "refused",
  XAdminUserNotFound: "refused",
  PermanentRedirect: "refused",
  RequestTimeTooSkewed: "refused",
  SignatureDoesNotMatch: "refused",
  PreconditionFailed: "changed",
  NotModified: "unchanged",
  SlowDown: "throttled",
  TooManyRequests: "throttled",
  Throttling: "throttled",
  ThrottlingException: "throttled",
  RequestLimitExceeded: "throttled",
  BandwidthLimitExceeded: "throttled",
};

const STATUS: Readonly<Record<number, StoreErrorKind>> = {
  301: "refused",
  304: "unchanged",
  400: "refused",
  401: "refused",
  403: "refused",
  // 404 is not there: a server that knows no such key, or a wrong address, says it, too; nothing is gone then.
  412: "changed",
  429: "throttled",
  503: "throttled",
};

const ADVICE: Readonly<Record<string, string>> = {
  AccessDenied: "the credentials lack a permission: s3:ListBucket to list, s3:GetObject to read",
  AuthorizationHeaderMalformed: "the region is another one; set AWS_REGION",
  PermanentRedirect: "the bucket is in another region; set AWS_REGION",
  CredentialsProviderError: "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
  ExpiredToken: "the credentials have expired",
  InvalidAccessKeyId: "the access key is unknown there",
  XAdminUserNotFound: "the access key is unknown there",
  SignatureDoesNotMatch: "the secret key is wrong",
  RequestTimeTooSkewed: "the clock of this machine is wrong",
};

/** Tells what an error of the AWS SDK means; `place` is what was asked for. */
export function storeError(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error;
  const name = error instanceof Error ? error.name : "";
  const status = statusOf(error);
  // A HEAD has no body that would name the error; the names of SDK errors then say nothing.
  const kind = KINDS[name] ?? (status === undefined ? undefined : STATUS[status]) ?? "passing";
  const text = error instanceof Error ? error.message : String(error);
  const said = [...new Set([name, text].filter((each) => each !== "" && each !== "Error"))].join(": ");
  const advice = ADVICE[name];
  const code = status === undefined ? codeOf(error) : ` (${status})`;
  return new StoreError(kind, `${place}: ${said}${code}${advice === undefined ? "" : `; ${advice}`}`, { cause: error });
}

function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === "number" ? status : undefined;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}
