import type { NamedTensors, Signature } from "@servable/core";
import { decodeColumns } from "./decode-columns.js";
import { decodeRows } from "./decode-rows.js";
import { hasLongNumbers, parseJsonExactly } from "./parse-json.js";
import { type PredictBody, predictBody } from "./predict-body.js";

/**
 * The inputs of a predict body.
 * @param text the body's text, which is read once more where an input of 64 bits may hold more than a double can
 * @throws ServingError INVALID_ARGUMENT, naming the input and the element; UNSUPPORTED for a dtype without a JSON form
 */
export function decodeBody(body: PredictBody, text: string, signature: Signature): NamedTensors {
  const exact = takesLongIntegers(signature) && hasLongNumbers(text) ? predictBody(parseJsonExactly(text)) : body;
  switch (exact.form) {
    case "rows":
      return decodeRows(exact.instances, signature);
    case "columns":
      return decodeColumns(exact.inputs, signature);
  }
}

function takesLongIntegers({ inputs }: Signature): boolean {
  return Object.values(inputs).some(({ dtype }) => dtype === "int64" || dtype === "uint64");
}
