import { type Answer, errorAnswer } from "./answer.js";
import type { ResolvedHttpOptions } from "./options.js";

/** The headers by which pages of an origin may read answers. */
export type CrossOrigin = (origin: string | undefined) => Readonly<Record<string, string>>;

/** Makes {@link CrossOrigin}: the headers are TensorFlow Serving's, and `Authorization` may be sent where it is looked at. */
export function crossOrigin({
  cors,
  authorize,
}: Pick<ResolvedHttpOptions, "cors" | "authorize">): CrossOrigin | undefined {
  if (cors === false) return undefined;
  const shared = {
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": authorize === undefined ? "Content-Type" : "Content-Type, Authorization",
  };
  const everyone = { "access-control-allow-origin": "*", ...shared };
  if (cors === true) return () => everyone;
  const known = new Set(cors);
  return (origin) =>
    origin !== undefined && known.has(origin)
      ? { "access-control-allow-origin": origin, ...shared, vary: "Origin" }
      : { vary: "Origin" };
}

/** The answer to a browser's question whether it may send a request; as in TensorFlow Serving it has no body. */
export function preflightAnswer(origin: string | undefined): Answer {
  if (origin !== undefined && /https?:\/\//.test(origin)) return { status: 200, headers: {}, body: "", outcome: "OK" };
  return errorAnswer(400, "OPTIONS is answered to browsers that ask for a page of another origin; Origin is missing");
}
