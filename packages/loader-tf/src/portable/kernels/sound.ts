import type { Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { ByteSource } from "../images/byte-source.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { blank } from "./host/elements.js";
import { mismatch } from "./host/shapes.js";

/** Pulse code, or a format that is said further on. */
const FORMATS: readonly number[] = [1, 0xfffe];

interface Sound {
  readonly channels: number;
  readonly rate: number;
  /** 16 bits each, the low byte first, channel after channel. */
  readonly samples: DataView;
}

/** @throws ServingError INVALID_ARGUMENT for what is no WAV file of samples of 16 bits */
function parseWav(bytes: Uint8Array): Sound {
  const source = new ByteSource(bytes, "WAV");
  const name = (): string => String.fromCharCode(...source.take(4));
  const isWav = name() === "RIFF" && source.uint32(true) >= 0 && name() === "WAVE";
  if (!isWav) throw mismatch("the sound is no WAV file");
  let [channels, rate] = [0, 0];
  while (source.remaining >= 8) {
    const [chunk, length] = [name(), source.uint32(true)];
    const start = source.position;
    if (chunk === "fmt ") {
      const format = source.uint16(true);
      channels = source.uint16(true);
      rate = source.uint32(true);
      source.take(6);
      const bits = source.uint16(true);
      if (!FORMATS.includes(format) || bits !== 16)
        throw mismatch(`samples of ${bits} bits, format ${format}, are not read`);
    } else if (chunk === "data") {
      if (channels === 0) throw mismatch("the WAV file has samples before it says what they are");
      const data = source.take(length);
      return { channels, rate, samples: new DataView(data.buffer, data.byteOffset, data.byteLength) };
    }
    // Chunks are filled up to an even length.
    source.seek(start + length + (length % 2));
  }
  throw mismatch("the WAV file has no samples");
}

const decodeWav: KernelFactory = (node) => {
  const wantedChannels = intAttribute(node, "desired_channels", -1);
  const wantedSamples = intAttribute(node, "desired_samples", -1);
  return onHostMany((contents): readonly Tensor[] => {
    const [bytes] = contents.data;
    if (!(bytes instanceof Uint8Array) || contents.shape.length > 0) throw mismatch("one WAV file is wanted");
    const { channels, rate, samples } = parseWav(bytes);
    const there = Math.floor(samples.byteLength / (2 * channels));
    const [rows, columns] = [
      wantedSamples === -1 ? there : wantedSamples,
      wantedChannels === -1 ? channels : wantedChannels,
    ];
    const sound = blank("float32", [rows, columns]);
    const target = sound.data as Float32Array;
    for (let row = 0; row < Math.min(rows, there); row++) {
      for (let column = 0; column < columns; column++) {
        const from = row * channels + Math.min(column, channels - 1);
        target[row * columns + column] = samples.getInt16(2 * from, true) / 32_768;
      }
    }
    return [sound, { dtype: "int32", shape: [], data: Int32Array.of(rate) }];
  });
};

/** Operations on files of sound. */
export const SOUND: KernelTable = { DecodeWav: decodeWav };
