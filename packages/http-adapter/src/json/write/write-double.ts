/**
 * A double as its shortest decimal, with a point or an exponent so that clients take it for a float; what is not finite
 * as the bare tokens that TensorFlow Serving writes.
 */
export function writeDouble(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}
