import type { Codec } from "./codec.js";

/**
 * The codec that a client likes best by its `accept-encoding` (RFC 9110, 12.5.3), the first of several that it likes the
 * same; undefined where it likes bodies better as they are, or says nothing.
 */
export function acceptedCodec(header: string | undefined, codecs: readonly Codec[]): Codec | undefined {
  if (header === undefined) return undefined;
  const weights = weightsOf(header);
  const weightOf = (name: string): number => weights.get(name) ?? weights.get("*") ?? 0;
  const plain = weights.get("identity") ?? 0;
  let best: Codec | undefined;
  for (const codec of codecs) {
    const weight = weightOf(codec.name);
    if (weight > 0 && weight >= plain && (best === undefined || weight > weightOf(best.name))) best = codec;
  }
  return best;
}

function weightsOf(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (name !== "") weights.set(name === "x-gzip" ? "gzip" : name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return weights;
}
