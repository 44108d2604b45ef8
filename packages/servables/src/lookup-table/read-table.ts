import { ServingError } from "@servable/core";
import type { OnLine } from "../text/each-line.js";
import { decode } from "../text/utf8.js";
import { TableBuilder, type TableContent } from "./table-builder.js";
import type { ValueType } from "./value-type.js";

/** Entries as a program has them. */
export type TableEntries<V> = Iterable<readonly [string, V]> | Readonly<Record<string, V>>;

/**
 * The content of a table of given entries.
 * @throws ServingError INVALID_ARGUMENT, with the entry's number, for one that is no pair, whose value is of another
 * type, or whose key has come before
 */
export function contentOf<V>(entries: TableEntries<V>, type: ValueType<V>): TableContent<V> {
  const builder = new TableBuilder(type);
  let number = 0;
  for (const entry of isIterable(entries) ? entries : Object.entries(entries)) {
    number++;
    try {
      const [key, value] = entry;
      if (typeof key !== "string") throw new TypeError(`the key ${String(key)} is no text`);
      builder.add(key, type.accept(value), value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ServingError("INVALID_ARGUMENT", `lookupTable: entry ${number}: ${message}`, { cause: error });
    }
  }
  return builder.content();
}

function isIterable<V>(entries: TableEntries<V>): entries is Iterable<readonly [string, V]> {
  return Symbol.iterator in entries;
}

/** Takes the lines of a table: a key, the separator, and all the rest as the value. */
export function lineTaker<V>(builder: TableBuilder<V>, separator: string, type: ValueType<V>): OnLine {
  return (bytes) => {
    const line = decode(bytes);
    const at = line.indexOf(separator);
    if (at === -1) throw new ServingError("DATA_LOSS", `there is no ${JSON.stringify(separator)} after the key`);
    const text = line.slice(at + separator.length);
    builder.add(line.slice(0, at), type.parse(text), text);
  };
}
