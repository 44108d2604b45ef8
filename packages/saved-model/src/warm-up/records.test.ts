import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SavedModelError } from "../saved-model-error.js";
import { recordFile, recordsOf } from "./records.js";

const records = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });

function read(file: Uint8Array): readonly Uint8Array[] {
  return [...recordsOf(file, "the file")];
}

function refusal(file: Uint8Array): SavedModelError | undefined {
  try {
    read(file);
    return undefined;
  } catch (error) {
    if (error instanceof SavedModelError) return error;
    throw error;
  }
}

describe("recordsOf", () => {
  it("reads the bytes that TensorFlow writes", () => {
    // tf.io.TFRecordWriter, of b"abc" and b"".
    const hex = "0300000000000000b099490e6162636e57f121000000000000000029039807d8ea82a2";
    const file = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    expect(read(file)).toEqual([Uint8Array.of(97, 98, 99), new Uint8Array(0)]);
    expect(recordFile([Uint8Array.of(97, 98, 99), new Uint8Array(0)])).toEqual(file);
  });

  it("gives back what recordFile wrote", () => {
    fc.assert(
      fc.property(records, (list) => {
        expect(read(recordFile(list))).toEqual(list);
      }),
    );
  });

  it("is DATA_LOSS wherever the file is cut, but between records", () => {
    fc.assert(
      fc.property(records, fc.nat(), (list, cut) => {
        const file = recordFile(list);
        const at = file.length === 0 ? 0 : cut % file.length;
        const ends = list.map((_, index) => recordFile(list.slice(0, index)).length);
        expect(refusal(file.subarray(0, at))?.code).toBe(ends.includes(at) || at === 0 ? undefined : "DATA_LOSS");
      }),
    );
  });

  it("is DATA_LOSS for any bit that is turned", () => {
    fc.assert(
      fc.property(records, fc.nat(), (list, bit) => {
        const file = recordFile([...list, Uint8Array.of(1)]);
        const at = bit % (8 * file.length);
        file[at >> 3] = (file[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(refusal(file)?.code).toBe("DATA_LOSS");
      }),
    );
  });

  it("gives records or DATA_LOSS for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void refusal(bytes)));
  });

  it("takes no memory for a length that the file does not have", () => {
    const file = recordFile([new Uint8Array(4)]);
    const huge = new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127]);
    const whole = recordFile([huge]);
    // The length's own checksum is that of a record of these eight bytes.
    file.set(huge);
    file.set(whole.subarray(20, 24), 8);
    expect(refusal(file)).toMatchObject({ code: "DATA_LOSS", message: expect.stringContaining("cut short") });
  });

  it("names the file, the record and the way out", () => {
    const file = recordFile([Uint8Array.of(1), Uint8Array.of(2)]);
    file[file.length - 1] = 0;
    expect(refusal(file)?.message).toBe(
      "the file: record 1 has another checksum; the file is damaged or not in TFRecord format",
    );
  });
});
