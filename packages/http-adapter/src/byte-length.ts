/** The bytes that a body takes, a text as UTF-8 without making them. */
export function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? textLength(body) : body.length;
}

function textLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // A surrogate is half of a letter of four bytes.
    bytes += unit < 0x8_00 || (unit & 0xf8_00) === 0xd8_00 ? 1 : 2;
  }
  return bytes;
}
