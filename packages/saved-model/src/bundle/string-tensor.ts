import { ByteReader } from "../byte-reader.js";
import { SavedModelError } from "../saved-model-error.js";
import { crc32c, maskCrc } from "./crc32c.js";

/** What a string tensor is checked against. */
export interface StringTensorCheck {
  /** Names the tensor in messages. */
  readonly where: string;
  /** The masked checksum of the entry. */
  readonly crc: number;
}

/**
 * The elements of a string tensor: the lengths as varints, a masked checksum of the lengths, then the bytes of all.
 * The entry's checksum goes over the lengths as 32-bit numbers (64-bit where one needs it), the checksum and the bytes.
 * @throws SavedModelError DATA_LOSS if it is cut short or a checksum is wrong
 */
export function decodeStrings(bytes: Uint8Array, count: number, { where, crc }: StringTensorCheck): Uint8Array[] {
  const reader = new ByteReader(bytes, where);
  const lengths = Array.from({ length: count }, () => reader.varint());
  let sum = 0;
  for (const length of lengths) sum = crc32c(lengthBytes(length), sum);
  const stored = reader.take(4);
  const matches = maskCrc(sum) === new ByteReader(stored, where).uint32();
  const elements = lengths.map((length) => reader.take(length));
  sum = crc32c(stored, sum);
  for (const element of elements) sum = crc32c(element, sum);
  if (matches && maskCrc(sum) === crc && reader.remaining === 0) return elements;
  throw new SavedModelError("DATA_LOSS", `${where}: the checksum is wrong; the file is corrupt or was cut short`);
}

function lengthBytes(length: number): Uint8Array {
  const wide = length > 0xffffffff;
  const view = new DataView(new ArrayBuffer(wide ? 8 : 4));
  view.setUint32(0, length % 2 ** 32, true);
  if (wide) view.setUint32(4, Math.floor(length / 2 ** 32), true);
  return new Uint8Array(view.buffer);
}
