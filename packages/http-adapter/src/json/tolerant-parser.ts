import type { ServingError } from "@servable/core";
import { invalid, type JsonValue } from "./json-value.js";

/** How deep lists and objects may be in each other here: any tensor is flatter, and the stack holds this. */
const MOST_LEVELS = 512;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /-?[A-Za-z]+/y;
const BLANKS = /[ \t\n\r]*/y;

const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["-NaN", Number.NaN],
  ["Inf", Number.POSITIVE_INFINITY],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** A JSON parser that also takes tokens for what is not finite, and can keep long integers exact. */
export class TolerantParser {
  readonly #text: string;
  readonly #exact: boolean;
  readonly #longs: boolean;
  #at = 0;
  #level = 0;

  /** `exact` makes bigints of integers beyond 2^53, `longs` of all that are written without fraction and exponent. */
  constructor(text: string, { exact, longs = false }: { readonly exact: boolean; readonly longs?: boolean }) {
    this.#text = text;
    this.#exact = exact;
    this.#longs = longs;
  }

  /** @throws ServingError INVALID_ARGUMENT with the position of what is wrong */
  parse(): JsonValue {
    if (this.#next() === "") throw invalid("the body is empty; it must be a JSON object");
    const value = this.#value();
    if (this.#next() !== "") throw this.#fault("nothing more after the JSON value");
    return value;
  }

  #value(): JsonValue {
    const next = this.#next();
    if (next === "[") return this.#nested(() => this.#list());
    if (next === "{") return this.#nested(() => this.#object());
    if (next === '"') return this.#string();
    return this.#number() ?? this.#word();
  }

  #nested(read: () => JsonValue): JsonValue {
    this.#level++;
    if (this.#level > MOST_LEVELS) throw invalid(`the body is nested more than ${MOST_LEVELS} levels deep`);
    this.#at++;
    const value = read();
    this.#level--;
    return value;
  }

  #list(): JsonValue {
    const values: JsonValue[] = [];
    if (this.#took("]")) return values;
    do values.push(this.#value());
    while (this.#took(","));
    if (!this.#took("]")) throw this.#fault('"," or "]"');
    return values;
  }

  #object(): JsonValue {
    const entries: [string, JsonValue][] = [];
    if (this.#took("}")) return {};
    do {
      if (this.#next() !== '"') throw this.#fault("a name in quotes");
      const name = this.#string();
      if (!this.#took(":")) throw this.#fault('":"');
      entries.push([name, this.#value()]);
    } while (this.#took(","));
    if (!this.#took("}")) throw this.#fault('"," or "}"');
    // Unlike assignment this makes an own property of "__proto__" too, as JSON.parse does.
    return Object.fromEntries(entries);
  }

  #string(): string {
    const start = this.#at;
    // By hand: a pattern for strings needs a stack as deep as the string is long.
    let end = this.#text.indexOf('"', start + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end === -1) throw this.#fault("a string that is closed");
    try {
      const value = JSON.parse(this.#text.slice(start, end + 1)) as string;
      this.#at = end + 1;
      return value;
    } catch {
      throw this.#fault("a string with the escapes of JSON and no control characters");
    }
  }

  #isEscaped(quote: number): boolean {
    let at = quote - 1;
    while (this.#text[at] === "\\") at--;
    return (quote - at) % 2 === 0;
  }

  #number(): number | bigint | undefined {
    const found = this.#match(NUMBER);
    if (found === undefined) return undefined;
    const [token, fraction, exponent] = found;
    const value = Number(token);
    const long = fraction === undefined && exponent === undefined && (this.#longs || !Number.isSafeInteger(value));
    // Parsing so many digits takes time with the square of their number, and fits no dtype.
    return this.#exact && long && token.length <= 24 ? BigInt(token) : value;
  }

  #word(): JsonValue {
    const start = this.#at;
    const word = this.#match(WORD)?.[0] ?? "";
    const value = WORDS.get(word);
    if (value !== undefined) return value;
    this.#at = start;
    throw this.#fault("a value");
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  /** Steps over blanks; the character that follows, "" at the end. */
  #next(): string {
    this.#match(BLANKS);
    return this.#text.charAt(this.#at);
  }

  #took(character: string): boolean {
    const found = this.#next() === character;
    if (found) this.#at++;
    return found;
  }

  #fault(expected: string): ServingError {
    const found = this.#text.slice(this.#at, this.#at + 12);
    const seen = found === "" ? "its end" : JSON.stringify(found);
    return invalid(`the body is not JSON: at position ${this.#at} expected ${expected}, found ${seen}`);
  }
}
