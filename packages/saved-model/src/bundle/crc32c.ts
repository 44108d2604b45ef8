/**
 * Eight tables of 256 entries, one after the other: table k advances a byte by k further zero bytes. The polynomial is
 * Castagnoli's with its bits reversed (RFC 3720, appendix B.4).
 */
const TABLES = makeTables();

function makeTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const crc = tables[index - 256] as number;
    tables[index] = (crc >>> 8) ^ (tables[crc & 0xff] as number);
  }
  return tables;
}

/**
 * CRC-32C of `bytes`, appended to what has the checksum `previous`. Takes eight bytes at a time (the technique that
 * Intel published as slicing-by-8).
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const tables = TABLES;
  let crc = ~previous;
  let index = 0;
  for (const end = bytes.length - 7; index < end; index += 8) {
    crc ^=
      (bytes[index] as number) |
      ((bytes[index + 1] as number) << 8) |
      ((bytes[index + 2] as number) << 16) |
      ((bytes[index + 3] as number) << 24);
    crc =
      (tables[0x700 | (crc & 0xff)] as number) ^
      (tables[0x600 | ((crc >>> 8) & 0xff)] as number) ^
      (tables[0x500 | ((crc >>> 16) & 0xff)] as number) ^
      (tables[0x400 | (crc >>> 24)] as number) ^
      (tables[0x300 | (bytes[index + 4] as number)] as number) ^
      (tables[0x200 | (bytes[index + 5] as number)] as number) ^
      (tables[0x100 | (bytes[index + 6] as number)] as number) ^
      (tables[bytes[index + 7] as number] as number);
  }
  for (; index < bytes.length; index++) {
    crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[index] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

/** LevelDB's mask: the checksum of data that itself holds checksums is weak, so stored ones are rotated and shifted. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
