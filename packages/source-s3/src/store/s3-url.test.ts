import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatS3Url, parseS3Url } from "./s3-url.js";

describe("the address of a place in a bucket", () => {
  it.each([
    ["s3://models", "models", ""],
    ["s3://models/", "models", ""],
    ["s3://models/mnist", "models", "mnist/"],
    ["s3://models/a/b//", "models", "a/b/"],
    ["s3://My.old_Bucket/x", "My.old_Bucket", "x/"],
    ["s3://models/my models/größe%20+?#&", "models", "my models/größe%20+?#&/"],
  ])("%j is read as it stands", (url, bucket, prefix) => {
    expect(parseS3Url(url)).toEqual({ bucket, prefix });
  });

  it.each(["", "s3:", "s3://", "s3:///x", "s3://a", "S3://models/x", "http://models/x", "/s3://models", "s3://-a/b"])(
    "%j is refused with an example",
    (url) => {
      expect(() => parseS3Url(url)).toThrow(/is not an address such as s3:\/\/bucket/);
    },
  );

  it("comes back when it is written and read", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,30}$/),
        fc.array(fc.stringMatching(/^[^/\n]{1,9}$/u)),
        (bucket, segments) => {
          const prefix = segments.map((each) => `${each}/`).join("");
          expect(parseS3Url(formatS3Url({ bucket, prefix }))).toEqual({ bucket, prefix });
        },
      ),
    );
  });
});
