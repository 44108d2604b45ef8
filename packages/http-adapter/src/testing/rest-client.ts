import {
  type DType,
  type NamedTensors,
  type Nested,
  ServingError,
  type ServingErrorCode,
  type Signature,
  type Tensor,
  type TensorSpec,
  tensor,
  toNested,
} from "@servable/core";
import type { WireClient, WireRequest, WireVersion } from "@servable/core/testing";

/** Sends a request to a path: `fetch` of a server, or a handler without one. */
export type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** A client of the REST API as a user would write it, who knows dtypes from the metadata. */
export function restClient(send: Send, dispose: () => Promise<void> = async () => {}): WireClient {
  const metadata = async (path: string): Promise<Readonly<Record<string, Signature>>> => {
    const { metadata } = (await read(await send(`${path}/metadata`))) as Metadata;
    const { signature_def: found } = metadata.signature_def;
    return Object.fromEntries(Object.entries(found).map(([name, written]) => [name, signatureOf(written)]));
  };
  return {
    async predict(request: WireRequest): Promise<NamedTensors> {
      const { inputs, signature = "serving_default", signal } = request;
      const path = pathOf(request);
      const values = Object.entries(inputs).map(([name, each]) => `${JSON.stringify(name)}:${written(toNested(each))}`);
      const body = `{"signature_name":${JSON.stringify(signature)},"inputs":{${values.join()}}}`;
      const response = await send(`${path}:predict`, { method: "POST", body, ...(signal && { signal }) });
      const { outputs: found } = (await read(response)) as { readonly outputs: unknown };
      const outputs = (await metadata(path))[signature]?.outputs ?? {};
      const names = Object.keys(outputs);
      const named = names.length === 1 ? { [names[0] ?? ""]: found } : (found as Record<string, unknown>);
      return Object.fromEntries(names.map((name) => [name, tensorOf(named[name], outputs[name]?.dtype ?? "float32")]));
    },
    async status(model): Promise<readonly WireVersion[]> {
      const { model_version_status: versions } = (await read(await send(pathOf({ model })))) as Status;
      return versions.map(({ version, state }) => ({ version: Number(version), state }));
    },
    metadata: (model) => metadata(pathOf({ model })),
    [Symbol.asyncDispose]: dispose,
  };
}

interface Status {
  readonly model_version_status: readonly { readonly version: string; readonly state: WireVersion["state"] }[];
}

interface Metadata {
  readonly metadata: { readonly signature_def: { readonly signature_def: Readonly<Record<string, WrittenSignature>> } };
}

interface WrittenSignature {
  readonly inputs: Readonly<Record<string, WrittenSpec>>;
  readonly outputs: Readonly<Record<string, WrittenSpec>>;
  readonly method_name: string;
}

interface WrittenSpec {
  readonly dtype: string;
  readonly tensor_shape: { readonly dim: readonly { readonly size: string }[]; readonly unknown_rank: boolean };
}

const DTYPES: Readonly<Record<string, DType>> = {
  DT_FLOAT: "float32",
  DT_DOUBLE: "float64",
  DT_INT32: "int32",
  DT_INT64: "int64",
  DT_UINT8: "uint8",
  DT_BOOL: "bool",
  DT_STRING: "string",
};

/** What each status is most often the answer to. */
const CODES: Readonly<Record<number, ServingErrorCode>> = {
  400: "INVALID_ARGUMENT",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  501: "UNSUPPORTED",
  503: "NOT_AVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function pathOf({ model, version, label }: Pick<WireRequest, "model" | "version" | "label">): string {
  const which = version === undefined ? "" : `/versions/${version}`;
  const named = label === undefined ? which : `/labels/${encodeURIComponent(label)}`;
  return `/v1/models/${encodeURIComponent(model)}${named}`;
}

async function read(response: Response): Promise<unknown> {
  // JSON has no NaN and no infinity, and JSON.parse would round long integers: these become strings.
  const text = (await response.text()).replaceAll(/(?<=[[,:])-?(?:Infinity|NaN|\d{16,})(?=[\],}])/g, '"$&"');
  const value = JSON.parse(text) as { readonly error?: string };
  if (response.ok) return value;
  throw new ServingError(CODES[response.status] ?? "INTERNAL", value.error ?? "");
}

function written(value: Nested): string {
  if (Array.isArray(value)) return `[${value.map((each: Nested) => written(each)).join()}]`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0.0" : String(value);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function signatureOf({ inputs, outputs, method_name: methodName }: WrittenSignature): Signature {
  return { inputs: specsOf(inputs), outputs: specsOf(outputs), methodName };
}

function specsOf(specs: Readonly<Record<string, WrittenSpec>>): Record<string, TensorSpec> {
  const specOf = ({ dtype, tensor_shape: { dim, unknown_rank: any } }: WrittenSpec): TensorSpec => ({
    dtype: DTYPES[dtype] ?? "float32",
    shape: any ? undefined : dim.map(({ size }) => Number(size)),
  });
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, specOf(spec)]));
}

function tensorOf(value: unknown, dtype: DType): Tensor {
  const leaf = (each: unknown): Nested => {
    if (Array.isArray(each)) return each.map(leaf);
    if (dtype === "int64") return BigInt(each as string | number);
    return dtype === "string" || dtype === "bool" ? (each as string | boolean) : Number(each);
  };
  return tensor(leaf(value), dtype);
}
