import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { DEFAULT_SIGNATURE, type Predictor } from "@servable/core";
import type { ModelRequest } from "./request-recorder.js";

/** A line of a log as a request. */
export interface LoggedRequest extends ModelRequest {
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The requests of a file that has the JSON body of one on each line; "-" reads standard input. Bodies with `examples`
 * call a signature that gives `outputs` by regress, any other by classify.
 * @throws what reading throws
 */
export async function* loggedRequests(
  path: string,
  signatures: Predictor["signatures"],
): AsyncGenerator<LoggedRequest, void> {
  const input = path === "-" ? createReadStream("", { fd: 0, autoClose: false }) : createReadStream(path);
  try {
    let line = 0;
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === "") continue;
      yield { line, verb: verbOf(text, signatures), body: new TextEncoder().encode(text) };
    }
  } finally {
    input.destroy();
  }
}

function verbOf(text: string, signatures: Predictor["signatures"]): ModelRequest["verb"] {
  const body = objectOf(text);
  if (!("examples" in body)) return "predict";
  const name = "signature_name" in body && body.signature_name !== "" ? String(body.signature_name) : DEFAULT_SIGNATURE;
  const outputs = Object.hasOwn(signatures, name) ? signatures[name]?.outputs : undefined;
  return outputs !== undefined && Object.hasOwn(outputs, "outputs") ? "regress" : "classify";
}

/** What cannot be read is left to the REST API, which says why. */
function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
