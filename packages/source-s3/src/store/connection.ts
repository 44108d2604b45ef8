import { ServingError } from "@servable/core";

/** Keys that a request is signed with. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/**
 * How to reach an S3-compatible store. What is not given comes from the environment, under the names of the AWS SDK and
 * of Kubeflow and KServe, and then from the SDK's own chain: profiles, roles, web identity.
 */
export interface S3ConnectionOptions {
  /** Address of the server, with or without `https://`. @defaultValue S3_ENDPOINT, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or AWS */
  readonly endpoint?: string | undefined;
  /** @defaultValue AWS_REGION, S3_REGION, AWS_DEFAULT_REGION; us-east-1 with an endpoint; else the SDK's chain */
  readonly region?: string | undefined;
  /** @defaultValue the SDK's chain; nobody, if AWS_ANONYMOUS_CREDENTIAL is true */
  readonly credentials?: S3Credentials | "anonymous" | undefined;
  /** Whether the bucket stands in the path instead of the host name. @defaultValue true with an endpoint that is not AWS's */
  readonly pathStyle?: boolean | undefined;
  /** Whether the server's certificate is checked. @defaultValue S3_VERIFY_SSL, or true */
  readonly verifyTls?: boolean | undefined;
  /** File with the certificates of the authorities to trust, instead of Node's. @defaultValue AWS_CA_BUNDLE */
  readonly caFile?: string | undefined;
}

/** Everything known about a connection. */
export interface S3Connection {
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Undefined for the SDK's chain. */
  readonly credentials: S3Credentials | "anonymous" | undefined;
  readonly pathStyle: boolean;
  readonly verifyTls: boolean;
  readonly caFile: string | undefined;
}

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Brings options and environment together. Pure.
 * @throws ServingError INVALID_ARGUMENT for an endpoint that is no address, or a flag that is neither true nor false
 */
export function resolveConnection(options: S3ConnectionOptions, env: Environment): S3Connection {
  const named = endpointOf(options, env);
  // AWS by its own name: the SDK knows better which of its addresses to take.
  const [isAws, , awsRegion] = AWS_HOST.exec(named?.hostname ?? "") ?? [];
  const endpoint = isAws === undefined ? named?.href.replace(/\/$/, "") : undefined;
  const region = options.region ?? first(env, ["AWS_REGION", "S3_REGION", "AWS_DEFAULT_REGION"]) ?? awsRegion;
  const anonymous = flag(env, "AWS_ANONYMOUS_CREDENTIAL") === true ? "anonymous" : undefined;
  return {
    endpoint,
    // A server of one's own takes any; AWS itself has to be told.
    region: region ?? (named === undefined ? undefined : "us-east-1"),
    credentials: options.credentials ?? anonymous,
    pathStyle: options.pathStyle ?? endpoint !== undefined,
    verifyTls: options.verifyTls ?? flag(env, "S3_VERIFY_SSL") ?? true,
    caFile: options.caFile ?? first(env, ["AWS_CA_BUNDLE"]),
  };
}

const AWS_HOST = /(^|\.)s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com$/;

function endpointOf({ endpoint }: S3ConnectionOptions, env: Environment): URL | undefined {
  const text = endpoint ?? first(env, ["S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
  if (text === undefined || text === "") return undefined;
  const scheme = flag(env, "S3_USE_HTTPS") === false ? "http" : "https";
  const address = /^[a-z]+:\/\//i.test(text) ? text : `${scheme}://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new ServingError("INVALID_ARGUMENT", `${JSON.stringify(text)} is not the address of an S3 server`);
  }
  return url;
}

function first(env: Environment, names: readonly string[]): string | undefined {
  for (const name of names) if (env[name] !== undefined && env[name] !== "") return env[name];
  return undefined;
}

function flag(env: Environment, name: string): boolean | undefined {
  const text = first(env, [name])?.toLowerCase();
  if (text === undefined) return undefined;
  if (["1", "true", "yes", "on"].includes(text)) return true;
  if (["0", "false", "no", "off"].includes(text)) return false;
  throw new ServingError("INVALID_ARGUMENT", `${name}=${env[name]} must be 1 or 0`);
}
