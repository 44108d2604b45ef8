import { SavedModelError } from "./saved-model-error.js";

/** Reads numbers off bytes, one after the other; whatever lies beyond the end is DATA_LOSS. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  position = 0;

  /** @param what names the bytes in messages */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (length > this.remaining) throw this.cutShort();
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw this.cutShort();
    this.position++;
    return byte;
  }

  /** Little-endian. */
  uint32(): number {
    this.take(4);
    return this.#view.getUint32(this.position - 4, true);
  }

  /** A little-endian base-128 number of at most 2^53 - 1. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw new SavedModelError("DATA_LOSS", `${this.#what} is corrupt: a number in it is too long`);
  }

  cutShort(): SavedModelError {
    return new SavedModelError("DATA_LOSS", `${this.#what} is corrupt or cut short at byte ${this.position}`);
  }
}
