import { type FlagSpec, KNOWN, SUPPORTED, type SupportedFlag } from "./flag-table.js";
import { UsageError } from "./usage-error.js";

/** What the command line said. */
export interface ParsedFlags {
  /** The values of the flags that have an effect, as text; booleans are "true" or "false". */
  readonly values: Readonly<Partial<Record<SupportedFlag, string>>>;
  /** The flags of TensorFlow Serving that were given and have no effect yet. */
  readonly ignored: readonly string[];
}

/**
 * Reads flags as tensorflow_model_server spells them: `--flag=value`, `--flag value`, and for booleans `--flag`.
 * @throws UsageError for a flag that nobody knows, a word that is no flag, or a value that is missing or malformed
 */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const values: Partial<Record<SupportedFlag, string>> = {};
  const ignored: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name = "", , inline] = /^--?([A-Za-z][\w-]*)(=(.*))?$/s.exec(word) ?? [];
    const spec = specOf(name);
    if (spec === undefined) throw unknownWord(word, name);
    const value = inline ?? valueFrom(words, name, spec);
    checkValue(name, spec, value);
    if (isSupported(name)) values[name] = value;
    else ignored.push(name);
  }
  return { values, ignored };
}

function isSupported(name: string): name is SupportedFlag {
  return Object.hasOwn(SUPPORTED, name);
}

function specOf(name: string): FlagSpec | undefined {
  if (isSupported(name)) return SUPPORTED[name];
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
}

function valueFrom(words: string[], name: string, spec: FlagSpec): string {
  const next = words[0];
  if (spec.kind === "boolean") {
    return next === "true" || next === "false" ? (words.shift() ?? "true") : "true";
  }
  // A negative number is a value, any other word that begins with a dash is the next flag.
  if (next === undefined || (next.startsWith("-") && !/^-\d/.test(next))) {
    throw new UsageError(`--${name} needs a value: --${name}=VALUE`);
  }
  return words.shift() ?? "";
}

function checkValue(name: string, spec: FlagSpec, value: string): void {
  if (spec.kind === "integer" && !/^-?\d{1,15}$/.test(value)) {
    throw new UsageError(`--${name} needs an integer, got "${value}"`);
  }
  if (spec.kind === "boolean" && value !== "true" && value !== "false") {
    throw new UsageError(`--${name} needs true or false, got "${value}"`);
  }
}

function unknownWord(word: string, name: string): UsageError {
  if (name === "") return new UsageError(`"${word}" is not a flag; flags begin with --, as in --model_name=mnist`);
  const near = nearest(name, [...Object.keys(SUPPORTED), ...Object.keys(KNOWN)]);
  return new UsageError(`there is no flag --${name}${near === undefined ? "" : `; did you mean --${near}?`}`);
}

/** The name that is at most three edits away, and the nearest so. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.replaceAll("-", "_").toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, name);
    if (distance <= 3 && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
