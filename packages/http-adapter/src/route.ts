import type { ModelSpec } from "@servable/inference";
import { invalid } from "./json/json-value.js";

/** What a path asks for. */
export type Route =
  | { readonly kind: "predict" | "classify" | "regress" | "status" | "metadata"; readonly spec: ModelSpec }
  | { readonly kind: "models" | "metrics" | "readyz" | "livez" }
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
  metrics: "GET",
  readyz: "GET",
  livez: "GET",
};

/** As many paths are remembered, no longer than this: those of clients that make up paths must not fill the memory. */
const REMEMBERED = { paths: 1_000, length: 300 };

/**
 * Makes a function that reads paths as {@link parseRoute} does and remembers them, since most requests are to a few.
 * @param metricsPath where the metrics are, after the prefix; undefined where there are none
 */
export function routeReader(prefix: string, metricsPath: string | undefined): (path: string) => Route {
  const remembered = new Map<string, Route>();
  return (path) => {
    const known = remembered.get(path);
    if (known !== undefined) return known;
    const bare = path.replace(/[?#].*$/s, "");
    const isMetrics = metricsPath !== undefined && bare === prefix + metricsPath;
    const route: Route = isMetrics ? { kind: "metrics" } : parseRoute(path, prefix);
    if (route.kind === "unknown" || path.length > REMEMBERED.length) return route;
    if (remembered.size >= REMEMBERED.paths) remembered.clear();
    remembered.set(path, route);
    return route;
  };
}

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
