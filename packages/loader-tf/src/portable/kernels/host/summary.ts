import { sizeOf, type Tensor } from "@servable/core";
import { bytesOf, EMPTY, joinBytes, stringsOf } from "./bytes.js";
import { printf } from "./printf.js";

/**
 * A tensor as TensorFlow prints it: `[[0 1 2 ... 7 8 9]\n ...]`, strings in quotes and escaped.
 * @param limit elements to show at both ends of each dimension; negative shows all
 */
export function summaryOf(x: Tensor, limit: number): Uint8Array {
  const write = writerOf(x);
  const level = (depth: number, offset: number): readonly Uint8Array[] => {
    if (depth === x.shape.length) return [write(offset)];
    const size = x.shape[depth] ?? 0;
    const stride = sizeOf(x.shape.slice(depth + 1));
    const left = x.shape.length - depth - 1;
    const gap = bytesOf(left === 0 ? " " : "\n".repeat(left) + " ".repeat(depth + 1));
    const whole = limit < 0 || size <= 2 * limit;
    const shown = Array.from({ length: size }, (_, index) => index);
    const ends = whole ? [shown] : [shown.slice(0, limit), shown.slice(size - limit)];
    const groups = ends.map((group) =>
      joinBytes(
        group.map((at) => joinBytes(level(depth + 1, offset + at * stride))),
        gap,
      ),
    );
    const inner = whole ? groups : [groups[0] ?? EMPTY, gap, bytesOf("..."), gap, groups[1] ?? EMPTY];
    return [bytesOf("["), ...inner, bytesOf("]")];
  };
  return joinBytes(level(0, 0));
}

function writerOf(x: Tensor): (at: number) => Uint8Array {
  if (x.dtype === "string") {
    const values = stringsOf(x);
    return (at) => joinBytes([QUOTE, escaped(values[at] ?? EMPTY), QUOTE]);
  }
  const { data } = x;
  if (!/float/.test(x.dtype)) return (at) => bytesOf(String(data[at]));
  const digits = x.dtype === "float64" ? 15 : 6;
  return (at) => bytesOf(shortest(Number(data[at]), digits, x.dtype === "float64" ? Number : Math.fround));
}

/** As few digits as usually do, and more if those would be another number. */
function shortest(value: number, digits: number, round: (value: number) => number): string {
  const short = printf(value, { conversion: "g", precision: digits });
  if (Number.isNaN(value) || !Number.isFinite(value) || round(Number(short)) === value) return short;
  return printf(value, { conversion: "g", precision: digits === 6 ? 9 : 17 });
}

const QUOTE = bytesOf('"');
const ESCAPES: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\" };

/** C's escapes; control characters in octal, what is not ASCII as it is. */
function escaped(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const [at, byte] of bytes.entries()) {
    const isControl = byte < 32 || byte === 127;
    const escape = ESCAPES[byte] ?? (isControl ? `\\${byte.toString(8).padStart(3, "0")}` : undefined);
    if (escape === undefined) continue;
    parts.push(bytes.subarray(start, at), bytesOf(escape));
    start = at + 1;
  }
  return joinBytes([...parts, bytes.subarray(start)]);
}
