/** A message in protobuf's text format: the values of each field, in their order. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>;

/** A value: a message, a text in quotes, or a word or number as it is written. */
export type TextValue =
  | { readonly kind: "message"; readonly message: TextMessage }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "word"; readonly word: string };

/** The text is not in protobuf's text format; the message says where. */
export class TextProtoError extends Error {
  override readonly name = "TextProtoError";
}

const TOKEN = /\s+|#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z0-9_.+/-]+|[{}<>[\]:,;]/gy;

/** How deep messages may lie within each other. */
const MAX_DEPTH = 50;

/**
 * Reads protobuf's text format, without a schema.
 * @throws TextProtoError with the line of what is wrong
 */
export function parseTextProto(text: string): TextMessage {
  const tokens = tokensOf(text);
  const reader = { tokens, at: 0 };
  const message = readMessage(reader, undefined, 0);
  return message;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let end = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!/^[\s#]/.test(token)) tokens.push({ text: token, line });
    line += token.split("\n").length - 1;
    end = index + token.length;
  }
  if (end < text.length)
    throw new TextProtoError(`line ${line}: ${JSON.stringify(text.slice(end, end + 20))} is not expected`);
  return tokens;
}

function readMessage(reader: Reader, closing: string | undefined, depth: number): TextMessage {
  const fields = new Map<string, TextValue[]>();
  if (depth > MAX_DEPTH) throw wrong(reader, "messages lie too deep in each other");
  for (;;) {
    const token = next(reader);
    if (token === closing) return fields;
    if (token === undefined) throw wrong(reader, `${closing ?? "a field"} is missing at the end`);
    if (!/^[A-Za-z_]\w*$/.test(token)) throw wrong(reader, `a field is expected, got ${token}`);
    const values = fields.get(token) ?? [];
    fields.set(token, values);
    const hasColon = take(reader, ":");
    if (hasColon && take(reader, "[")) {
      while (!take(reader, "]")) {
        values.push(readValue(reader, depth));
        take(reader, ",");
      }
    } else {
      const value = readValue(reader, depth);
      if (!hasColon && value.kind !== "message") throw wrong(reader, `":" is missing after ${token}`);
      values.push(value);
    }
    if (!take(reader, ",")) take(reader, ";");
  }
}

function readValue(reader: Reader, depth: number): TextValue {
  const token = next(reader);
  if (token === "{" || token === "<") {
    return { kind: "message", message: readMessage(reader, token === "{" ? "}" : ">", depth + 1) };
  }
  if (token !== undefined && /^["']/.test(token)) {
    let text = unquote(token);
    // Texts that follow each other are one.
    while (/^["']/.test(reader.tokens[reader.at]?.text ?? "")) text += unquote(next(reader) ?? "");
    return { kind: "text", text };
  }
  if (token !== undefined && /^[\w.+-]/.test(token)) return { kind: "word", word: token };
  throw wrong(reader, `a value is expected, got ${token ?? "the end"}`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquote(token: string): string {
  const bytes: number[] = [];
  const plain = new TextEncoder();
  for (const [part, octal, hex, letter] of token
    .slice(1, -1)
    .matchAll(/\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(.)|[^\\]+/gs)) {
    // Numbers are bytes, of which several may make one letter.
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else bytes.push(...plain.encode(letter === undefined ? part : (ESCAPES[letter] ?? letter)));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function next(reader: Reader): string | undefined {
  return reader.tokens[reader.at++]?.text;
}

function take(reader: Reader, text: string): boolean {
  if (reader.tokens[reader.at]?.text !== text) return false;
  reader.at++;
  return true;
}

function wrong({ tokens, at }: Reader, text: string): TextProtoError {
  const token = tokens[Math.min(at, tokens.length) - 1];
  return new TextProtoError(`line ${token?.line ?? 1}: ${text}`);
}
