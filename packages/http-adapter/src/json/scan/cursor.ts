/** The bytes that mean something in JSON. */
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const QUOTE = 0x22;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const SPACE = 0x20;
const NOT_UNDERSTOOD = new Error("this is not for the scanner");

/**
 * Leaves the scan: the body is read the general way, which finds the same values or says what is wrong. One error for
 * all, since nobody sees it and taking a stack costs more than a small body.
 */
export function notUnderstood(): never {
  throw NOT_UNDERSTOOD;
}

/** Whether `error` is that of {@link notUnderstood}. */
export function isNotUnderstood(error: unknown): boolean {
  return error === NOT_UNDERSTOOD;
}

/** A place in a body. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** Steps over blanks; the byte that follows, -1 at the end. */
  next(): number {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at] ?? -1;
    while (byte <= SPACE && (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09))
      byte = bytes[++at] ?? -1;
    this.at = at;
    return byte;
  }

  /** Steps over blanks and over `byte`; nothing else may stand there. */
  take(byte: number): void {
    if (this.next() !== byte) notUnderstood();
    this.at++;
  }

  /** Nothing but blanks may follow. */
  end(): void {
    if (this.next() !== -1) notUnderstood();
  }

  /** Steps over a string without escapes, whose quote comes next; the bytes between its quotes. */
  takeString(): Uint8Array {
    this.take(QUOTE);
    const start = this.at;
    const end = this.bytes.indexOf(QUOTE, start);
    if (end === -1) notUnderstood();
    this.at = end + 1;
    return this.bytes.subarray(start, end);
  }
}
