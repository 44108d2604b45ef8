import { crc32, deflateSync } from "node:zlib";
import { ServingError } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { opCases } from "../../testing/op-cases.js";
import { decodeAnimation, decodeImage, formatOf, type ImageForm } from "./decode-image.js";
import { jpegHeader } from "./jpeg/jpeg-file.js";

const PLAIN: ImageForm = { channels: 0, bits: 8, ratio: 1, isAccurate: false, isSmooth: true, isRecovered: false };

/** Images that TensorFlow decodes. */
const images = opCases()
  .filter(({ op }) => /^Decode(Png|Jpeg|Bmp|Gif)$/.test(op))
  .map(({ inputs }) => new Uint8Array(Buffer.from(String(inputs[0]?.data[0]), "base64")));

function decode(bytes: Uint8Array, form: ImageForm): void {
  if (formatOf(bytes) === "GIF") decodeAnimation(bytes, { channels: 3 });
  else decodeImage(bytes, form);
}

/** Nothing but the error that a caller is to blame for comes out. */
function expectImageOrError(bytes: Uint8Array, form: ImageForm = PLAIN): void {
  try {
    decode(bytes, form);
  } catch (error) {
    if (!ServingError.is(error)) throw error;
    expect(error.code).toBe("INVALID_ARGUMENT");
  }
}

/** The same chunks with the checksums that belong to them, so that what is damaged is looked at. */
function withChecksums(png: Uint8Array): Uint8Array {
  const result = new Uint8Array(png);
  const view = new DataView(result.buffer);
  for (let at = 8; at + 12 <= result.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > result.length) break;
    view.setUint32(end, crc32(result.subarray(at + 4, end)));
    at = end + 4;
  }
  return result;
}

function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + content.length);
  new DataView(chunk.buffer).setUint32(0, content.length);
  chunk.set(Buffer.from(type), 4);
  chunk.set(content, 8);
  return chunk;
}

function png(header: readonly number[], data: Uint8Array): Uint8Array {
  const parts = [pngChunk("IHDR", Uint8Array.from(header)), pngChunk("IDAT", data), pngChunk("IEND", new Uint8Array())];
  return withChecksums(Buffer.concat([Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10), ...parts]));
}

const mutations = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 });
const forms: fc.Arbitrary<ImageForm> = fc.record({
  channels: fc.constantFrom(0, 1, 3, 4),
  bits: fc.constantFrom(8 as const, 16 as const),
  ratio: fc.constantFrom(1, 2, 4, 8),
  isAccurate: fc.boolean(),
  isSmooth: fc.boolean(),
  isRecovered: fc.boolean(),
});

describe("damaged images", () => {
  it("with other bytes are decoded or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...images), mutations, forms, (image, changes, form) => {
        const bytes = image.slice();
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        expectImageOrError(bytes, form);
        if (bytes[0] === 137) expectImageOrError(withChecksums(bytes), form);
      }),
      { numRuns: 1_500 },
    );
  });

  it("cut short are decoded or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...images), fc.nat(), forms, (image, end, form) => {
        expectImageOrError(image.subarray(0, end % image.length), form);
      }),
      { numRuns: 500 },
    );
  });

  it("with parts left out or twice are decoded or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...images), fc.nat(), fc.nat(), fc.nat(), (image, to, start, end) => {
        const [at, from, until] = [to, start, end].map((place) => place % image.length);
        const bytes = Buffer.concat([image.subarray(0, at), image.subarray(from, until), image.subarray(at)]);
        expectImageOrError(bytes);
        expectImageOrError(Buffer.concat([image.subarray(0, Math.min(from ?? 0, until ?? 0)), image.subarray(until)]));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["nothing", []],
    ["a text", [...Buffer.from("no image at all")]],
    ["a JPEG that ends at once", [255, 216, 255]],
    ["a JPEG with a scan before its frame", [255, 216, 255, 218, 0, 2]],
    ["a GIF without frames", [...Buffer.from("GIF89a"), 1, 0, 1, 0, 0, 0, 0, 59]],
  ])("that are %s are refused", (_title, bytes) => {
    expect(() => decodeImage(Uint8Array.from(bytes), PLAIN)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});

describe("images that claim to be large", () => {
  const size = (width: number, height: number): number[] =>
    [width, height].flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);

  it("are refused by their size before anything is allocated", () => {
    const bytes = png([...size(2 ** 19, 2 ** 19), 8, 2, 0, 0, 0], deflateSync(new Uint8Array(100)));
    expect(() => decodeImage(bytes, PLAIN)).toThrow("more than 256 MiB");
    const gif = [...Buffer.from("GIF89a"), 0, 0, 0, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6];
    const frame = [0x2c, 0, 0, 0, 0, 255, 255, 255, 255, 0, 2, 1, 0, 0];
    expect(() => decodeAnimation(Uint8Array.from([...gif, ...frame, 59]), { channels: 3 })).toThrow(
      "more than 256 MiB",
    );
    const bmp = new Uint8Array(54);
    bmp.set([0x42, 0x4d]);
    new DataView(bmp.buffer).setInt32(18, 2 ** 30, true);
    new DataView(bmp.buffer).setInt32(22, 2 ** 30, true);
    bmp[28] = 24;
    expect(() => decodeImage(bmp, PLAIN)).toThrow("more than 256 MiB");
  });

  it("are refused where their file cannot hold as much", () => {
    const bytes = png([...size(8_000, 8_000), 8, 2, 0, 0, 0], deflateSync(new Uint8Array(100)));
    expect(() => decodeImage(bytes, PLAIN)).toThrow("cut short");
    const frame = [255, 192, 0, 11, 8, 0x1f, 0xff, 0x1f, 0xff, 1, 1, 0x11, 0];
    expect(() => decodeImage(Uint8Array.from([255, 216, ...frame, 255, 217]), PLAIN)).toThrow("too few");
  });

  it("are refused for a side that nobody needs", () => {
    const bytes = png([...size(1, 2 ** 27), 8, 0, 0, 0, 0], deflateSync(new Uint8Array(100)));
    expect(() => decodeImage(bytes, PLAIN)).toThrow("more than 1000000 a side");
  });

  it("are refused without pixels", () => {
    expect(() => decodeImage(png([...size(0, 5), 8, 2, 0, 0, 0], deflateSync(new Uint8Array(1))), PLAIN)).toThrow(
      "0 pixels wide",
    );
  });
});

it("a JPEG with thousands of scans is refused", () => {
  const jpeg = images.find((bytes) => formatOf(bytes) === "JPEG") ?? new Uint8Array();
  const scan = jpeg.subarray(Buffer.from(jpeg).indexOf(Uint8Array.of(255, 218)), -2);
  const bytes = Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: 1_000 }, () => scan)]);
  expect(() => decodeImage(bytes, PLAIN)).toThrow("more than 100 scans");
});

it("the header of a JPEG tells its size without decoding it", () => {
  const header = [255, 216, 255, 224, 0, 2, 255, 194, 0, 11, 8, 0, 7, 0, 9, 1, 1, 0x11, 0];
  expect(jpegHeader(Uint8Array.from(header))).toMatchObject({ height: 7, width: 9 });
});
