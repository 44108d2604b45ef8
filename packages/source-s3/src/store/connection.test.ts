import { ServingError } from "@servable/core";
import { describe, expect, it } from "vitest";
import { type Environment, resolveConnection, type S3Connection, type S3ConnectionOptions } from "./connection.js";

const plain: S3Connection = {
  endpoint: undefined,
  region: undefined,
  credentials: undefined,
  pathStyle: false,
  verifyTls: true,
  caFile: undefined,
};
const own = { ...plain, pathStyle: true, region: "us-east-1" };

describe("a connection from the names that Kubeflow and KServe use", () => {
  const cases: readonly [string, Environment, Partial<S3Connection>][] = [
    ["nothing", {}, plain],
    ["an endpoint without scheme", { S3_ENDPOINT: "minio:9000" }, { ...own, endpoint: "https://minio:9000" }],
    [
      "an endpoint without TLS",
      { S3_ENDPOINT: "minio:9000", S3_USE_HTTPS: "0" },
      { ...own, endpoint: "http://minio:9000" },
    ],
    ["false in words", { S3_ENDPOINT: "m:1", S3_USE_HTTPS: "False" }, { ...own, endpoint: "http://m:1" }],
    [
      "an endpoint whose scheme wins",
      { S3_ENDPOINT: "http://minio", S3_USE_HTTPS: "1" },
      { ...own, endpoint: "http://minio" },
    ],
    ["an endpoint with a path", { S3_ENDPOINT: "https://h/store/" }, { ...own, endpoint: "https://h/store" }],
    ["the SDK's name", { AWS_ENDPOINT_URL: "http://localhost:9000" }, { ...own, endpoint: "http://localhost:9000" }],
    [
      "the name for S3 alone first",
      { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "http://b" },
      { endpoint: "http://b" },
    ],
    ["Kubeflow's name first", { S3_ENDPOINT: "http://c", AWS_ENDPOINT_URL_S3: "http://b" }, { endpoint: "http://c" }],
    ["an empty name as none", { S3_ENDPOINT: "", AWS_REGION: "", S3_VERIFY_SSL: "" }, plain],
    ["AWS's region first", { AWS_REGION: "a", S3_REGION: "b", AWS_DEFAULT_REGION: "c" }, { ...plain, region: "a" }],
    ["S3's region next", { S3_REGION: "b", AWS_DEFAULT_REGION: "c" }, { ...plain, region: "b" }],
    ["a region beside an endpoint", { S3_ENDPOINT: "http://c", S3_REGION: "eu-1" }, { region: "eu-1" }],
    ["no look at the certificate", { S3_VERIFY_SSL: "0" }, { ...plain, verifyTls: false }],
    ["certificates", { AWS_CA_BUNDLE: "/ca.crt" }, { ...plain, caFile: "/ca.crt" }],
    ["nobody", { AWS_ANONYMOUS_CREDENTIAL: "1" }, { ...plain, credentials: "anonymous" }],
    ["somebody", { AWS_ANONYMOUS_CREDENTIAL: "no" }, plain],
    ["AWS by name", { S3_ENDPOINT: "s3.amazonaws.com" }, { ...plain, region: "us-east-1" }],
    ["AWS by region", { S3_ENDPOINT: "https://s3.eu-west-1.amazonaws.com" }, { ...plain, region: "eu-west-1" }],
    ["AWS by its old names", { S3_ENDPOINT: "s3-eu-west-1.amazonaws.com" }, { ...plain, region: "eu-west-1" }],
    ["AWS with another region", { S3_ENDPOINT: "s3.amazonaws.com", AWS_REGION: "b" }, { ...plain, region: "b" }],
    [
      "a name that only looks like AWS",
      { S3_ENDPOINT: "s3.amazonaws.com.evil" },
      { endpoint: "https://s3.amazonaws.com.evil" },
    ],
  ];
  it.each(cases)("takes %s", (_, env, wanted) => {
    expect(resolveConnection({}, env)).toMatchObject(wanted);
  });

  it("lets options win over all of them", () => {
    const options: S3ConnectionOptions = {
      endpoint: "http://mine",
      region: "here",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      pathStyle: false,
      verifyTls: true,
      caFile: "/mine.crt",
    };
    const env = {
      S3_ENDPOINT: "theirs",
      AWS_REGION: "there",
      AWS_ANONYMOUS_CREDENTIAL: "1",
      S3_VERIFY_SSL: "0",
      AWS_CA_BUNDLE: "/theirs.crt",
    };
    expect(resolveConnection(options, env)).toEqual(options);
  });

  it.each([
    [{ S3_ENDPOINT: "ftp://h" }, /"ftp:\/\/h" is not the address of an S3 server/],
    [{ S3_ENDPOINT: "http://" }, /is not the address of an S3 server/],
    [{ S3_ENDPOINT: "h", S3_USE_HTTPS: "maybe" }, /S3_USE_HTTPS=maybe must be 1 or 0/],
    [{ S3_VERIFY_SSL: "2" }, /S3_VERIFY_SSL=2 must be 1 or 0/],
    [{ AWS_ANONYMOUS_CREDENTIAL: "x" }, /AWS_ANONYMOUS_CREDENTIAL=x must be 1 or 0/],
  ])("refuses %j by name", (env, message) => {
    expect(() => resolveConnection({}, env)).toThrow(message);
    expect(() => resolveConnection({}, env)).toThrow(ServingError);
  });
});
