import { type Matcher, RE2JS, RE2JSException } from "re2js";
import { checkedLength } from "./allowance.js";
import { joinBytes } from "./bytes.js";
import { mismatch } from "./shapes.js";

/**
 * A regular expression of RE2's syntax, over UTF-8.
 * @throws ServingError INVALID_ARGUMENT for anything else
 */
export function compileRegex(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw mismatch(`"${pattern.slice(0, 80)}" is no regular expression: ${error.message}`);
  }
}

/** Whether all of a string matches. */
export function matchesWhole(regex: RE2JS, value: Uint8Array): boolean {
  return regex.matcher(value).matches();
}

/** What takes the place of a match. */
export interface Rewrite {
  /** Bytes as they are, and groups by number. */
  readonly parts: readonly (Uint8Array | number)[];
  /** Whether it is right to its end. */
  readonly isWhole: boolean;
}

const BACKSLASH = 92;

/** Reads a rewrite: `\0` is the match, `\1` … `\9` its groups, `\\` a backslash. What follows a mistake is left out. */
export function parseRewrite(text: Uint8Array): Rewrite {
  const parts: (Uint8Array | number)[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== BACKSLASH) continue;
    parts.push(text.subarray(start, at));
    const next = text[at + 1] ?? 0;
    if (next === BACKSLASH) parts.push(text.subarray(at, at + 1));
    else if (next >= 48 && next <= 57) parts.push(next - 48);
    else return { parts, isWhole: false };
    start = ++at + 1;
  }
  return { parts: [...parts, text.subarray(start)], isWhole: true };
}

/**
 * Replaces the first match, or every one. As in RE2 a rewrite that names a group that there is not replaces nothing,
 * nor does a wrong one where the first match alone is replaced.
 */
export function replaceMatches(value: Uint8Array, regex: RE2JS, request: ReplaceRequest): Uint8Array {
  const { rewrite, isGlobal } = request;
  const matcher = regex.matcher(value);
  if (!isGlobal && !rewrite.isWhole) return value;
  if (rewrite.parts.some((part) => typeof part === "number" && part > matcher.groupCount())) return value;
  const pieces: Uint8Array[] = [];
  let copied = 0;
  let lastEnd = -1;
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    // Nothing right after a match is no match of its own.
    if (start === end && start === lastEnd) continue;
    checkedLength(rewrite.parts.length);
    pieces.push(value.subarray(copied, start));
    for (const piece of replacement(value, matcher, rewrite)) pieces.push(piece);
    copied = end;
    lastEnd = end;
    if (!isGlobal) break;
  }
  return pieces.length === 0 ? value : joinBytes([...pieces, value.subarray(copied)]);
}

/** How matches are replaced. */
export interface ReplaceRequest {
  readonly rewrite: Rewrite;
  readonly isGlobal: boolean;
}

function replacement(value: Uint8Array, matcher: Matcher, rewrite: Rewrite): Uint8Array[] {
  return rewrite.parts.map((part) => {
    if (typeof part !== "number") return part;
    const start = matcher.start(part);
    return start < 0 ? value.subarray(0, 0) : value.subarray(start, matcher.end(part));
  });
}
