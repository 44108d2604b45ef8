import { decodeBmp, isBmp } from "./bmp.js";
import { type Animation, decodeGif } from "./gif/decode-gif.js";
import { isGif } from "./gif/gif-file.js";
import { damaged, type Image } from "./image.js";
import { decodeJpeg, type JpegForm } from "./jpeg/decode-jpeg.js";
import { isJpeg } from "./jpeg/jpeg-file.js";
import { decodePng } from "./png/decode-png.js";
import { isPng } from "./png/png-file.js";

/** What a decoded image should be, whatever its format. */
export interface ImageForm extends JpegForm {
  /** Bits of a sample of the result. */
  readonly bits: 8 | 16;
}

/** The format that bytes begin as. */
export type ImageFormat = "BMP" | "GIF" | "JPEG" | "PNG";

/**
 * The format of an image.
 * @throws ServingError INVALID_ARGUMENT for anything else
 */
export function formatOf(bytes: Uint8Array): ImageFormat {
  if (isJpeg(bytes)) return "JPEG";
  if (isPng(bytes)) return "PNG";
  if (isGif(bytes)) return "GIF";
  if (isBmp(bytes)) return "BMP";
  throw damaged("given", "it is none of BMP, GIF, JPEG and PNG");
}

/**
 * Decodes an image of a format that is known by its first bytes. Samples of 16 bits are the file's own in PNG; other formats have
 * only 8, which become the upper ones, as TensorFlow has it.
 * @throws ServingError INVALID_ARGUMENT for bytes that are no image, an image that is too large, or one in several frames
 */
export function decodeImage(bytes: Uint8Array, form: ImageForm): Image {
  const format = formatOf(bytes);
  switch (format) {
    case "PNG":
      return decodePng(bytes, form);
    case "JPEG":
      if (form.channels === 4) throw damaged("JPEG", "it cannot have 4 channels");
      return widened(decodeJpeg(bytes, form), form);
    case "BMP":
      return widened(decodeBmp(bytes, form.channels), form);
    case "GIF": {
      const animation = decodeAnimation(bytes, form);
      if (animation.frames > 1) throw damaged("GIF", `it has ${animation.frames} frames, one is wanted`);
      return widened(frameOf(animation), form);
    }
  }
}

/**
 * All frames of a GIF image.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none, or channels other than 3
 */
export function decodeAnimation(bytes: Uint8Array, { channels }: Pick<ImageForm, "channels">): Animation {
  if (channels !== 0 && channels !== 3) throw damaged("GIF", `it cannot have ${channels} channels`);
  return decodeGif(bytes);
}

/** The first frame. */
export function frameOf({ height, width, data }: Animation): Image {
  return { height, width, channels: 3, data: data.subarray(0, height * width * 3) };
}

function widened(image: Image, { bits }: Pick<ImageForm, "bits">): Image {
  return bits === 8 ? image : { ...image, data: Uint16Array.from(image.data, (value) => value << 8) };
}
