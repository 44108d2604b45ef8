const encoder = new TextEncoder();

/** The bytes of a text that is written from its beginning to its end. */
export class TextBuffer {
  bytes: Uint8Array;
  length = 0;

  /** `bytes` are expected; more are taken too, by copying what there is. */
  constructor(bytes: number) {
    this.bytes = new Uint8Array(bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  text(text: string): void {
    // A unit of a string takes three bytes at most.
    this.reserve(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** All that was written. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
