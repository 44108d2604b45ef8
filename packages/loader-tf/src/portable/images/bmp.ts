import { ByteSource } from "./byte-source.js";
import { checkedBytes, damaged, type Image } from "./image.js";

/** Whether bytes begin as a BMP file does. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Decodes a BMP image of 8, 24 or 32 bits. What TensorFlow does not look at is not looked at: a palette (8 bits are grey), masks,
 * compression.
 * @param wanted 3 or 4 channels; 0 for those of the file
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, or an image that is too large
 */
export function decodeBmp(bytes: Uint8Array, wanted: number): Image {
  if (!isBmp(bytes)) throw damaged("BMP", "it does not begin as BMP does");
  if (wanted === 1) throw damaged("BMP", "it cannot become grey");
  const source = new ByteSource(bytes, "BMP");
  source.seek(10);
  const start = source.uint32(true);
  source.seek(18);
  const [width, signedHeight] = [source.int32(true), source.int32(true)];
  source.seek(28);
  const bits = source.uint16(true);
  if (bits !== 8 && bits !== 24 && bits !== 32) throw damaged("BMP", `pixels of ${bits} bits are not supported`);
  const had = bits / 8;
  const channels = wanted === 0 ? had : wanted;
  const height = Math.abs(signedHeight);
  const size = checkedBytes("BMP", { height, width, pixelBytes: channels });
  const stride = Math.ceil((width * had) / 4) * 4;
  source.seek(start);
  // The last row may lack what fills it up to four bytes.
  const pixels = source.take((height - 1) * stride + width * had);
  const data = new Uint8Array(size);
  for (let row = 0, to = 0; row < height; row++) {
    // Rows come from the bottom, unless the height is negative; colors come blue first.
    const line = (signedHeight < 0 ? row : height - 1 - row) * stride;
    for (let column = 0, from = line; column < width; column++, from += had) {
      const blue = pixels[from] ?? 0;
      if (channels === 1) data[to++] = blue;
      else {
        data[to++] = had === 1 ? blue : (pixels[from + 2] ?? 0);
        data[to++] = had === 1 ? blue : (pixels[from + 1] ?? 0);
        data[to++] = blue;
        if (channels === 4) data[to++] = had === 4 ? (pixels[from + 3] ?? 0) : 255;
      }
    }
  }
  return { height, width, channels, data };
}
