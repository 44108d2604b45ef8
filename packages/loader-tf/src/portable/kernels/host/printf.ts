/** How C's printf is told to write a number: `%+8.3f`. */
export interface NumberFormat {
  readonly conversion: "d" | "f" | "e" | "g";
  /** Digits after the point (f, e), or digits in all (g). @defaultValue 6 */
  readonly precision?: number;
  /** The least number of characters. @defaultValue 0 */
  readonly width?: number;
  /** Zeros before the number, a place for its sign, its sign in any case, or the number first and blanks behind it. */
  readonly flag?: "0" | " " | "+" | "-";
}

/** Writes a number as C's printf does: exact, halves to even. */
export function printf(value: number | bigint, format: NumberFormat): string {
  const { conversion, precision = 6, width = 0, flag } = format;
  const negative = value < 0 || Object.is(value, -0);
  const size = typeof value === "bigint" || !negative ? value : -value;
  const body = bodyOf(typeof size === "bigint" && size < 0n ? -size : size, conversion, precision);
  const sign = negative ? "-" : flag === "+" || flag === " " ? flag : "";
  const isNumber = typeof value === "bigint" || Number.isFinite(value);
  if (flag === "0" && isNumber) return sign + body.padStart(width - sign.length, "0");
  return flag === "-" ? (sign + body).padEnd(width) : (sign + body).padStart(width);
}

function bodyOf(value: number | bigint, conversion: NumberFormat["conversion"], precision: number): string {
  if (typeof value === "bigint" || conversion === "d") return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : "inf";
  if (conversion === "f") return fixed(value, precision);
  if (conversion === "e") return scientific(value, precision);
  return shorter(value, Math.max(precision, 1));
}

/** `value` x 10^`power` as the nearest integer. */
function scaled(value: number, power: number): bigint {
  const { mantissa, exponent } = parts(value);
  const numerator = mantissa * (exponent > 0 ? 2n ** BigInt(exponent) : 1n) * (power > 0 ? 10n ** BigInt(power) : 1n);
  const denominator = (exponent < 0 ? 2n ** BigInt(-exponent) : 1n) * (power < 0 ? 10n ** BigInt(-power) : 1n);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** A float64 as mantissa x 2^exponent, exactly. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & (2n ** 52n - 1n);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (2n ** 52n), exponent: biased - 1075 };
}

function withPoint(digits: string, after: number): string {
  return after === 0 ? digits : `${digits.slice(0, -after)}.${digits.slice(-after)}`;
}

function fixed(value: number, precision: number): string {
  return withPoint(
    scaled(value, precision)
      .toString()
      .padStart(precision + 1, "0"),
    precision,
  );
}

interface Scientific {
  /** All digits, the point after the first. */
  readonly digits: string;
  readonly exponent: number;
}

function roundedTo(value: number, precision: number): Scientific {
  if (value === 0) return { digits: "0".repeat(precision + 1), exponent: 0 };
  const exponent = Number(value.toExponential().split("e")[1]);
  const digits = scaled(value, precision - exponent).toString();
  // 9.99 rounds to 10.0: one digit more, all of them zeros but the first.
  return digits.length > precision + 1 ? { digits: digits.slice(0, -1), exponent: exponent + 1 } : { digits, exponent };
}

function scientific(value: number, precision: number): string {
  const { digits, exponent } = roundedTo(value, precision);
  return withPoint(digits, precision) + exponentOf(exponent);
}

function exponentOf(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The shorter of the two ways, without zeros at the end. */
function shorter(value: number, precision: number): string {
  const { digits, exponent } = roundedTo(value, precision - 1);
  if (exponent < -4 || exponent >= precision) {
    return withoutZeros(withPoint(digits, precision - 1)) + exponentOf(exponent);
  }
  return withoutZeros(fixed(value, precision - 1 - exponent));
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
