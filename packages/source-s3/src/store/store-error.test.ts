import { describe, expect, it } from "vitest";
import { mayPass, StoreError, type StoreErrorKind } from "./object-store.js";
import { storeError } from "./store-error.js";

/** An error as the AWS SDK throws it. */
function sdkError(name: string, status?: number): Error {
  return Object.assign(new Error("as the server says"), { name, $metadata: { httpStatusCode: status } });
}

describe("what a failure of a store means", () => {
  const cases: readonly [string, number | undefined, StoreErrorKind][] = [
    ["NoSuchKey", 404, "missing"],
    ["NotFound", 404, "missing"],
    ["NoSuchBucket", 404, "no-bucket"],
    ["AccessDenied", 403, "refused"],
    ["InvalidAccessKeyId", 403, "refused"],
    ["SignatureDoesNotMatch", 403, "refused"],
    ["AuthorizationHeaderMalformed", 400, "refused"],
    ["PermanentRedirect", 301, "refused"],
    ["CredentialsProviderError", undefined, "refused"],
    ["UnknownError", 403, "refused"],
    ["PreconditionFailed", 412, "changed"],
    ["412", 412, "changed"],
    ["NotModified", 304, "unchanged"],
    ["SlowDown", 503, "throttled"],
    ["ServiceUnavailable", 503, "throttled"],
    ["TooManyRequests", 429, "throttled"],
    ["InternalError", 500, "passing"],
    ["TimeoutError", undefined, "passing"],
    ["SomethingNew", undefined, "passing"],
  ];
  it.each(cases)("%s with status %s is %s", (name, status, kind) => {
    expect(storeError(sdkError(name, status), "s3://b/k")).toMatchObject({ kind });
  });

  it.each(["XAdminUserNotFound", "NotFoundByAProxy"])("a 404 called %s is no sign that anything is gone", (name) => {
    expect(["refused", "passing"]).toContain(storeError(sdkError(name, 404), "s3://b/k").kind);
  });

  it("names the place, the status and what to do", () => {
    expect(storeError(sdkError("PermanentRedirect", 301), "s3://b/k").message).toBe(
      "s3://b/k: PermanentRedirect: as the server says (301); the bucket is in another region; set AWS_REGION",
    );
    const refused = Object.assign(new Error("connect failed"), { code: "ECONNREFUSED" });
    expect(storeError(refused, "s3://b/k").message).toBe("s3://b/k: connect failed (ECONNREFUSED)");
    expect(storeError("text", "s3://b/k").message).toBe("s3://b/k: text");
  });

  it("leaves alone what is one already, and tries again only what may pass", () => {
    const error = new StoreError("changed", "it is another");
    expect(storeError(error, "s3://b/k")).toBe(error);
    expect(mayPass(error)).toBe(false);
    expect(mayPass(new Error("x"))).toBe(false);
    expect(mayPass(new StoreError("throttled", ""))).toBe(true);
    expect(mayPass(new StoreError("passing", ""))).toBe(true);
  });
});
