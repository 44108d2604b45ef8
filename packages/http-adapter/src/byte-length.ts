/** The bytes that a text takes as UTF-8, without making them. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // A surrogate is half of a letter of four bytes.
    bytes += unit < 0x8_00 || (unit & 0xf8_00) === 0xd8_00 ? 1 : 2;
  }
  return bytes;
}
