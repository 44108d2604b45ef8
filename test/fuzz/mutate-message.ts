import { concat, spliced, varint } from "./bytes.js";
import { EDGES, type MutationSource } from "./mutation-source.js";
import type { Random } from "./random.js";

/** A field of a message: where it lies, where its value lies. */
interface Field {
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  readonly tag: bigint;
}

const VARINT = 0n;
const FIXED64 = 1n;
const BYTES = 2n;
const FIXED32 = 5n;

/** A base-128 number and where it ends. */
function readVarint(bytes: Uint8Array, start: number): readonly [bigint, number] | undefined {
  let value = 0n;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return [value, at + 1];
  }
  return undefined;
}

function fieldAt(bytes: Uint8Array, start: number): Field | undefined {
  const [tag, afterTag] = readVarint(bytes, start) ?? [0n, 0];
  if (tag >> 3n === 0n || tag >> 3n > 536_870_911n) return undefined;
  const ending = (valueStart: number, end: number): Field | undefined =>
    end <= bytes.length ? { start, valueStart, end, tag } : undefined;
  switch (tag & 7n) {
    case VARINT: {
      const read = readVarint(bytes, afterTag);
      return read && ending(afterTag, read[1]);
    }
    case FIXED64:
      return ending(afterTag, afterTag + 8);
    case BYTES: {
      const [length, valueStart] = readVarint(bytes, afterTag) ?? [2n ** 64n, 0];
      return length > bytes.length ? undefined : ending(valueStart, valueStart + Number(length));
    }
    case FIXED32:
      return ending(afterTag, afterTag + 4);
    default:
      return undefined;
  }
}

/** The fields of a message; undefined for bytes that are none. */
function fieldsOf(bytes: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const field = fieldAt(bytes, at);
    if (field === undefined) return undefined;
    fields.push(field);
    at = field.end;
  }
  return fields;
}

const isBytes = ({ tag }: Field): boolean => (tag & 7n) === BYTES;

/** Changes a field somewhere within the message, at any depth; the lengths of all that it lies in stay right. */
export function mutateMessage(bytes: Uint8Array, source: MutationSource): Uint8Array {
  const { random } = source;
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return mutateValue(bytes, source);
  const field = random.pick(fields);
  const { start, valueStart, end, tag } = field;
  if (isBytes(field) && !random.oneIn(6)) {
    const value = mutateMessage(bytes.subarray(valueStart, end), source);
    return spliced(bytes, start, { length: end - start, by: fieldOf(tag, value) });
  }
  const whole = bytes.subarray(start, end);
  const twin = random.pick(fields);
  switch (random.below(6)) {
    case 0:
      return spliced(bytes, start, { length: end - start, by: new Uint8Array(0) });
    case 1:
      return spliced(bytes, twin.start, { length: 0, by: whole });
    case 2:
      return spliced(bytes, twin.start, { length: twin.end - twin.start, by: whole });
    case 3:
      return spliced(bytes, start, { length: 0, by: fieldFrom(source.other, random) });
    case 4: {
      const [, afterTag] = readVarint(bytes, start) ?? [0n, start];
      const number = random.oneIn(2) ? random.below(32) + 1 : Number(tag >> 3n) + random.below(3) - 1;
      const renumbered = varint((BigInt(Math.max(1, number)) << 3n) | (tag & 7n));
      return spliced(bytes, start, { length: afterTag - start, by: renumbered });
    }
    default:
      return spliced(bytes, valueStart, {
        length: end - valueStart,
        by: isBytes(field) ? bytes.subarray(valueStart, end) : numberFor(tag, random),
      });
  }
}

function fieldOf(tag: bigint, value: Uint8Array): Uint8Array {
  return concat(varint(tag), varint(BigInt(value.length)), value);
}

function numberFor(tag: bigint, random: Random): Uint8Array {
  const number = random.oneIn(3) ? BigInt(random.below(64)) : random.pick(EDGES);
  if ((tag & 7n) === VARINT) return varint(number);
  const word = new Uint8Array(8);
  new DataView(word.buffer).setBigUint64(0, BigInt.asUintN(64, number), true);
  return (tag & 7n) === FIXED32 ? word.slice(0, 4) : word;
}

/** A field of another message, from any depth. */
function fieldFrom(message: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(message);
  if (fields === undefined || fields.length === 0) return new Uint8Array(0);
  const field = random.pick(fields);
  if (isBytes(field) && !random.oneIn(4)) {
    const inner = fieldFrom(message.subarray(field.valueStart, field.end), random);
    if (inner.length > 0) return inner;
  }
  return message.slice(field.start, field.end);
}

/** Text or numbers within a message. */
function mutateValue(bytes: Uint8Array, { random, tokens }: MutationSource): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return new Uint8Array(0);
    case 1:
      return Uint8Array.from({ length: random.length(16) }, () => random.below(256));
    case 2:
      return tokens.length === 0 ? bytes : random.pick(tokens);
    case 3:
      return varint(random.pick(EDGES));
    case 4:
      return concat(bytes, bytes);
    default: {
      const at = random.below(bytes.length);
      return spliced(bytes, at, { length: 1, by: Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))) });
    }
  }
}
