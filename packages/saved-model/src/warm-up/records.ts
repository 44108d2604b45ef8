import { crc32c, maskCrc } from "../bundle/crc32c.js";
import { ByteReader } from "../byte-reader.js";
import { SavedModelError } from "../saved-model-error.js";

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/**
 * The records of a TFRecord file, as views of it: of each its length in 8 bytes, that length's checksum, its bytes and
 * their checksum, all little-endian; the checksums are masked CRC-32C.
 * @param what names the file in errors
 * @throws SavedModelError DATA_LOSS for bytes that are not that, or are cut short
 */
export function* recordsOf(file: Uint8Array, what: string): Generator<Uint8Array, void> {
  const reader = new ByteReader(file, what);
  for (let index = 0; reader.remaining > 0; index++) {
    const start = reader.position;
    const [low, high] = [reader.uint32(), reader.uint32()];
    check(file.subarray(start, start + LENGTH_BYTES), reader.uint32(), `${what}: the length of record ${index}`);
    const bytes = reader.take(high * 2 ** 32 + low);
    check(bytes, reader.uint32(), `${what}: record ${index}`);
    yield bytes;
  }
}

/** A TFRecord file of these records. */
export function recordFile(records: readonly Uint8Array[]): Uint8Array {
  const size = records.reduce((sum, { length }) => sum + LENGTH_BYTES + length + 2 * CRC_BYTES, 0);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  let at = 0;
  for (const record of records) {
    view.setBigUint64(at, BigInt(record.length), true);
    view.setUint32(at + LENGTH_BYTES, maskCrc(crc32c(file.subarray(at, at + LENGTH_BYTES))), true);
    at += LENGTH_BYTES + CRC_BYTES;
    file.set(record, at);
    view.setUint32(at + record.length, maskCrc(crc32c(record)), true);
    at += record.length + CRC_BYTES;
  }
  return file;
}

function check(bytes: Uint8Array, stored: number, what: string): void {
  if (maskCrc(crc32c(bytes)) === stored) return;
  throw new SavedModelError("DATA_LOSS", `${what} has another checksum; the file is damaged or not in TFRecord format`);
}
