import { Example, type Feature } from "@servable/tf-proto";
import { SavedModelError } from "./saved-model-error.js";
import { fieldsOf, type WireField } from "./wire.js";

/** The values of one feature of a tf.Example. */
export type ExampleFeature =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: BigInt64Array };

/** The features of a tf.Example by name; undefined is one without values of any kind. */
export type ExampleFeatures = ReadonlyMap<string, ExampleFeature | undefined>;

const WHAT = "the tf.Example";
const KEY = 1;
const VALUE = 2;
const KINDS = ["bytes", "float", "int64"] as const;

const utf8 = new TextDecoder(undefined, { ignoreBOM: true });

/**
 * Decodes a serialized tf.Example. A feature that occurs twice counts as the last one says; one without values of any
 * kind is left out. Byte strings are views of `bytes`.
 * @returns the features by name
 * @throws SavedModelError DATA_LOSS if the bytes are not a tf.Example
 */
export function decodeExample(bytes: Uint8Array): ReadonlyMap<string, ExampleFeature> {
  const features = new Map<string, ExampleFeature>();
  for (const example of messagesOf(bytes, 1)) {
    for (const entry of messagesOf(example, 1)) {
      let name = "";
      const parts: Uint8Array[] = [];
      for (const field of fieldsOf(entry, WHAT)) {
        if (field.type !== "bytes") continue;
        if (field.number === KEY) name = utf8.decode(field.value);
        if (field.number === VALUE) parts.push(field.value);
      }
      const feature = featureOf(parts);
      if (feature === undefined) features.delete(name);
      else features.set(name, feature);
    }
  }
  return features;
}

/** The serialized tf.Example with these features, in this order. */
export function encodeExample(features: ExampleFeatures): Uint8Array {
  const feature = new Map(Array.from(features, ([name, values]) => [name, messageOf(values)]));
  return Example.encode({ features: { feature } }).finish();
}

/**
 * Serialized examples that have a serialized context's features where they have none of that name themselves. Messages
 * behind each other are their merger: of a feature that both have, the later one counts.
 */
export function withContext(examples: readonly Uint8Array[], context: Uint8Array): readonly Uint8Array[] {
  if (context.length === 0) return examples;
  return examples.map((example) => {
    const bytes = new Uint8Array(context.length + example.length);
    bytes.set(context);
    bytes.set(example, context.length);
    return bytes;
  });
}

function messageOf(feature: ExampleFeature | undefined): Feature {
  switch (feature?.kind) {
    case undefined:
      return { kind: undefined };
    case "bytes":
      return { kind: { $case: "bytesList", value: { value: [...feature.values] } } };
    case "float":
      return { kind: { $case: "floatList", value: { value: [...feature.values] } } };
    case "int64":
      return { kind: { $case: "int64List", value: { value: [...feature.values] } } };
  }
}

/** Messages in fields of that number. */
function* messagesOf(bytes: Uint8Array, wanted: number): Generator<Uint8Array, void> {
  for (const { number, type, value } of fieldsOf(bytes, WHAT)) if (number === wanted && type === "bytes") yield value;
}

/** Lists of one kind that follow each other are one list; a list of another kind replaces what was before. */
function featureOf(parts: readonly Uint8Array[]): ExampleFeature | undefined {
  let kind: ExampleFeature["kind"] | undefined;
  let lists: Uint8Array[] = [];
  for (const part of parts) {
    for (const { number, type, value } of fieldsOf(part, WHAT)) {
      const found = type === "bytes" ? KINDS[number - 1] : undefined;
      if (found === undefined) continue;
      if (found !== kind) lists = [];
      kind = found;
      lists.push(value);
    }
  }
  const fields = lists.flatMap((list) => Array.from(fieldsOf(list, WHAT)).filter(({ number }) => number === 1));
  switch (kind) {
    case undefined:
      return undefined;
    case "bytes":
      return { kind, values: fields.flatMap(({ type, value }) => (type === "bytes" ? [value] : [])) };
    case "float":
      return { kind, values: floatsOf(fields) };
    case "int64":
      return { kind, values: integersOf(fields) };
  }
}

/** Values may come packed or one by one. */
function floatsOf(fields: readonly WireField[]): Float32Array {
  const parts = fields.filter(({ type }) => type === "bytes" || type === "fixed32");
  const length = parts.reduce((sum, { value }) => sum + value.length, 0);
  if (parts.some(({ value }) => value.length % 4 !== 0)) throw damaged("its floats are cut short");
  const values = new Float32Array(length / 4);
  let at = 0;
  for (const { value } of parts) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    for (let from = 0; from < value.length; from += 4) values[at++] = view.getFloat32(from, true);
  }
  return values;
}

function integersOf(fields: readonly WireField[]): BigInt64Array {
  const parts = fields.filter(({ type }) => type === "bytes" || type === "varint");
  let length = 0;
  for (const { value } of parts) for (const byte of value) if (byte < 0x80) length++;
  const values = new BigInt64Array(length);
  const words = new DataView(values.buffer);
  let at = 0;
  for (const { value } of parts) at = writeVarints(value, words, at);
  return values;
}

/** Writes 64-bit numbers of 7 bits a byte behind each other; gives the place after the last. */
function writeVarints(bytes: Uint8Array, target: DataView, start: number): number {
  let at = start;
  let low = 0;
  let high = 0;
  let shift = 0;
  for (const byte of bytes) {
    if (shift >= 70) throw damaged("a number in it is too long");
    const bits = byte & 0x7f;
    if (shift < 32) low |= bits << shift;
    if (shift > 24) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
    shift += 7;
    if (byte >= 0x80) continue;
    // All machines that JavaScript runs on keep the low word first.
    target.setInt32(8 * at, low, true);
    target.setInt32(8 * at++ + 4, high, true);
    low = 0;
    high = 0;
    shift = 0;
  }
  if (shift > 0) throw damaged("a number in it is cut short");
  return at;
}

function damaged(reason: string): SavedModelError {
  return new SavedModelError("DATA_LOSS", `${WHAT} is damaged: ${reason}`);
}
