const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const [BLANK, END, STRANGE] = [64, 65, 255];
const SEXTETS: Uint8Array = new Uint8Array(128).fill(STRANGE);
for (const [index, character] of ALPHABET.split("").entries()) SEXTETS[character.charCodeAt(0)] = index;
for (const blank of " \t\n\r\f\v") SEXTETS[blank.charCodeAt(0)] = BLANK;
SEXTETS["=".charCodeAt(0)] = END;

/** Bytes as padded base64 of the standard alphabet. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((group >> 6) & 63) : "=";
    text += left > 2 ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

/** The bytes of base64, padded or not, blanks anywhere; undefined for what is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let [held, sextets, length, padding] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const sextet = SEXTETS[text.charCodeAt(at)] ?? STRANGE;
    if (sextet === BLANK) continue;
    if (sextet === END) padding++;
    else if (sextet === STRANGE || padding > 0) return undefined;
    else {
      held = ((held << 6) | sextet) & 0xff_ff_ff;
      sextets++;
      if (sextets % 4 === 0) {
        bytes[length++] = held >> 16;
        bytes[length++] = held >> 8;
        bytes[length++] = held;
      }
    }
  }
  const rest = sextets % 4;
  const padded = padding === 0 || (rest > 1 && rest + padding === 4);
  if (rest === 1 || !padded) return undefined;
  if (rest > 1) bytes[length++] = rest === 2 ? held >> 4 : held >> 10;
  if (rest === 3) bytes[length++] = held >> 2;
  return bytes.subarray(0, length);
}
