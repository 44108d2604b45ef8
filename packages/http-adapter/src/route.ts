import type { ModelSpec } from "@servable/inference";
import { invalid } from "./json/json-value.js";

/** What a path asks for. */
export type Route =
  | { readonly kind: "predict" | "classify" | "regress" | "status" | "metadata"; readonly spec: ModelSpec }
  | { readonly kind: "models" | "readyz" | "livez" }
  | { readonly kind: "unknown" };

const MODEL =
  /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?::(predict|classify|regress)|\/(metadata))?$/;

/** The method that each kind of route answers; HEAD goes wherever GET goes. */
export const METHOD: Readonly<Record<Exclude<Route["kind"], "unknown">, "GET" | "POST">> = {
  predict: "POST",
  classify: "POST",
  regress: "POST",
  status: "GET",
  metadata: "GET",
  models: "GET",
  readyz: "GET",
  livez: "GET",
};

/**
 * Reads a path, which may be followed by a query, as TensorFlow Serving's REST API has it. Names are percent-decoded
 * after the path is taken apart, so `%2F` and `%3A` give names with a slash or a colon.
 * @throws ServingError INVALID_ARGUMENT for percent signs that encode nothing, or a version beyond 2^53
 */
export function parseRoute(path: string, prefix = ""): Route {
  const bare = path.replace(/[?#].*$/s, "");
  if (!bare.startsWith(`${prefix}/`)) return { kind: "unknown" };
  const rest = bare.slice(prefix.length);
  if (rest === "/v1/models") return { kind: "models" };
  if (rest === "/readyz") return { kind: "readyz" };
  if (rest === "/livez") return { kind: "livez" };
  const found = MODEL.exec(rest);
  if (found === null) return { kind: "unknown" };
  const [, name = "", version, label, verb, metadata] = found;
  const spec: ModelSpec = {
    model: decoded(name),
    ...(version !== undefined && { version: versionOf(version) }),
    ...(label !== undefined && { label: decoded(label) }),
  };
  if (metadata !== undefined) return { kind: "metadata", spec };
  return { kind: verb === "predict" || verb === "classify" || verb === "regress" ? verb : "status", spec };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw invalid(`${text} is not percent-encoded UTF-8: ${String(error)}`);
  }
}

function versionOf(digits: string): number {
  const version = Number(digits);
  if (Number.isSafeInteger(version)) return version;
  throw invalid(`version ${digits} is beyond ${Number.MAX_SAFE_INTEGER}`);
}
