import { damaged } from "./image.js";

/**
 * Numbers and bytes of a file, one after another.
 * @throws ServingError INVALID_ARGUMENT, from each method, for what lies beyond the end
 */
export class ByteSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  #position = 0;

  /** @param format names the file in errors */
  constructor(bytes: Uint8Array, format: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#format = format;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Goes to a place counted from the front. */
  seek(position: number): void {
    if (position > this.#bytes.length) throw damaged(this.#format, "it is cut short");
    this.#position = position;
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    const start = this.#pass(length);
    return this.#bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  /** @param isLittle whether the low byte comes first */
  uint16(isLittle = false): number {
    return this.#view.getUint16(this.#pass(2), isLittle);
  }

  uint32(isLittle = false): number {
    return this.#view.getUint32(this.#pass(4), isLittle);
  }

  int32(isLittle = false): number {
    return this.#view.getInt32(this.#pass(4), isLittle);
  }

  #pass(length: number): number {
    const start = this.#position;
    this.seek(start + length);
    return start;
  }
}
