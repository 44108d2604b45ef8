import { ByteReader } from "./byte-reader.js";

/** One field of a message in the protocol buffer wire format. */
export interface WireField {
  readonly number: number;
  /** Number (varint), 8 bytes, bytes of any length, or 4 bytes. */
  readonly type: "varint" | "fixed64" | "bytes" | "fixed32";
  /** A view of the field's value: a varint with all its bytes, others without their length. */
  readonly value: Uint8Array;
}

/** The format has no field numbers beyond. */
const MAX_FIELD = 2 ** 29 - 1;

/**
 * The fields of a message, in order. Messages within it are bytes, so that whoever knows the message decides how deep
 * to go.
 * @param what names the message in errors
 * @throws SavedModelError DATA_LOSS for bytes that are no message: cut short, a number too long, groups, field 0
 */
export function* fieldsOf(message: Uint8Array, what: string): Generator<WireField, void> {
  const reader = new ByteReader(message, what);
  while (reader.remaining > 0) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    if (number === 0 || number > MAX_FIELD) throw reader.cutShort();
    switch (tag % 8) {
      case 0: {
        const start = reader.position;
        while (reader.byte() >= 0x80) if (reader.position - start >= 10) throw reader.cutShort();
        yield { number, type: "varint", value: message.subarray(start, reader.position) };
        break;
      }
      case 1:
        yield { number, type: "fixed64", value: reader.take(8) };
        break;
      case 2:
        yield { number, type: "bytes", value: reader.take(reader.varint()) };
        break;
      case 5:
        yield { number, type: "fixed32", value: reader.take(4) };
        break;
      default:
        throw reader.cutShort();
    }
  }
}
