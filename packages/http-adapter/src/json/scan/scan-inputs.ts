import type { NamedTensors, Signature } from "@servable/core";
import type { Steps } from "../steps.js";
import { Column } from "./column.js";
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  type Cursor,
  notUnderstood,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from "./cursor.js";
import { isB64Key } from "./strings.js";

/** Bytes after which a pause is allowed: well under a millisecond's. */
const STRIDE = 65_536;

/** An input and the place of its values. */
interface Named {
  readonly name: string;
  readonly key: Uint8Array;
  readonly column: Column;
}

/**
 * Reads the value of `instances`, a list of plain values or of objects by input, straight into tensors. The cursor
 * stands before it, and afterwards behind it.
 */
export function* scanRows(cursor: Cursor, signature: Signature): Steps<NamedTensors> {
  const inputs = namedColumns(cursor, signature);
  const start = cursor.at;
  cursor.take(OPEN_LIST);
  // An empty list of instances is an error, which the general way words.
  if (cursor.next() === CLOSE_LIST) return notUnderstood();
  if (!standsBeforeNamed(cursor)) {
    cursor.at = start;
    return yield* scanWhole(cursor, inputs);
  }
  let pause = cursor.at + STRIDE;
  for (let row = 1; ; row++) {
    yield* scanNamed(cursor, { inputs, depth: 1 });
    if (inputs.some(({ column }) => column.values !== row)) return notUnderstood();
    if (cursor.next() === CLOSE_LIST) break;
    cursor.take(COMMA);
    if (cursor.at < pause) continue;
    yield;
    pause = cursor.at + STRIDE;
  }
  cursor.at++;
  return finished(inputs);
}

/** The same for the value of `inputs`: an object of values by input, or the value of the only input. */
export function* scanColumns(cursor: Cursor, signature: Signature): Steps<NamedTensors> {
  const inputs = namedColumns(cursor, signature);
  if (!standsBeforeNamed(cursor)) return yield* scanWhole(cursor, inputs);
  yield* scanNamed(cursor, { inputs, depth: 0 });
  if (inputs.some(({ column }) => column.values !== 1)) return notUnderstood();
  return finished(inputs);
}

function namedColumns(cursor: Cursor, { inputs }: Signature): readonly Named[] {
  const encoder = new TextEncoder();
  return Object.entries(inputs).map(([name, spec]) => ({
    name,
    key: encoder.encode(name),
    column: new Column(spec, cursor.bytes.length),
  }));
}

function finished(inputs: readonly Named[]): NamedTensors {
  return Object.fromEntries(inputs.map(({ name, column }) => [name, column.finish()]));
}

/** Whether an object by input comes next, and none that stands for bytes. */
function standsBeforeNamed(cursor: Cursor): boolean {
  const at = cursor.at;
  if (cursor.next() !== OPEN_OBJECT) return false;
  cursor.at++;
  const isNamed = !isB64Key(cursor.takeString());
  cursor.at = at;
  return isNamed;
}

function* scanWhole(cursor: Cursor, [input, ...others]: readonly Named[]): Steps<NamedTensors> {
  if (input === undefined || others.length > 0) return notUnderstood();
  input.column.begin(0);
  while (!input.column.advance(cursor, cursor.at + STRIDE)) yield;
  return finished([input]);
}

interface NamedValues {
  readonly inputs: readonly Named[];
  readonly depth: 0 | 1;
}

/** Reads an object of values by input. */
function* scanNamed(cursor: Cursor, { inputs, depth }: NamedValues): Steps<void> {
  cursor.take(OPEN_OBJECT);
  for (let index = 0; ; index++) {
    const { column } = inputAt(cursor, inputs, index);
    cursor.take(COLON);
    column.begin(depth);
    while (!column.advance(cursor, cursor.at + STRIDE)) yield;
    if (cursor.next() === CLOSE_OBJECT) break;
    cursor.take(COMMA);
  }
  cursor.at++;
}

/** Steps over a key; its input. Most objects have their keys in one order. */
function inputAt(cursor: Cursor, inputs: readonly Named[], guess: number): Named {
  cursor.next();
  const guessed = inputs[guess];
  if (guessed !== undefined && stepsOver(cursor, guessed.key)) return guessed;
  return inputs.find(({ key }) => stepsOver(cursor, key)) ?? notUnderstood();
}

/** Steps over `key` in its quotes, if that stands at the cursor. */
function stepsOver(cursor: Cursor, key: Uint8Array): boolean {
  const { bytes, at } = cursor;
  if (bytes[at] !== QUOTE || bytes[at + key.length + 1] !== QUOTE) return false;
  for (let index = 0; index < key.length; index++) if (bytes[at + 1 + index] !== key[index]) return false;
  cursor.at = at + key.length + 2;
  return true;
}
