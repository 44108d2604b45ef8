import { boolAttribute, intAttribute, textAttribute } from "../../graph/attributes.js";
import { dtypeAmong } from "../../graph/dtypes.js";
import type { GraphNode } from "../../graph/graph.js";
import { unsupported } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../../run/kernel.js";
import { EMPTY, joinBytes, mapStrings, stringsOf, stringTensor } from "../host/bytes.js";
import { type Encoding, encodingOf, isCodePoint } from "../host/encodings.js";
import { scriptNumbers } from "../host/script.js";
import { integersOf, mismatch } from "../host/shapes.js";
import { checkedSplits, splitsTensor } from "../host/splits.js";
import type { CodePoint } from "../host/utf8.js";

/** What to do about what is no character. */
interface ErrorPolicy {
  readonly errors: "strict" | "replace" | "ignore";
  readonly replacement: number;
  /** Whether U+0000 to U+001F count as errors. */
  readonly replaceControls: boolean;
}

function policyOf(node: GraphNode): ErrorPolicy {
  const errors = textAttribute(node, "errors", "replace");
  if (errors !== "strict" && errors !== "replace" && errors !== "ignore") throw unsupported(`errors ${errors}`);
  const replacement = intAttribute(node, "replacement_char", 0xfffd);
  if (!isCodePoint(replacement)) throw unsupported(`replacement_char ${replacement}`);
  return { errors, replacement, replaceControls: boolAttribute(node, "replace_control_characters", false) };
}

/** Characters without errors: replaced, left out, or thrown. */
function* cleaned(points: Iterable<CodePoint>, policy: ErrorPolicy): Generator<CodePoint, void> {
  const { errors, replacement, replaceControls } = policy;
  for (const point of points) {
    const isControl = point.value >= 0 && point.value < 32;
    if (point.value >= 0 && !(isControl && replaceControls)) {
      yield point;
      continue;
    }
    if (point.value < 0 && errors === "strict") throw mismatch("a string is not in the encoding that it should be in");
    if (errors !== "ignore") yield { ...point, value: replacement };
  }
}

function encodeAll(values: Iterable<number>, encoding: Encoding, { replacement }: ErrorPolicy): Uint8Array {
  return joinBytes(Array.from(values, (value) => encoding.encode(value) ?? encoding.encode(replacement) ?? EMPTY));
}

const transcode: KernelFactory = (node) => {
  const from = encodingOf(textAttribute(node, "input_encoding", ""));
  const to = outputEncoding(node);
  const policy = policyOf(node);
  return onHost((x) =>
    mapStrings(x, (value) =>
      encodeAll(
        Array.from(cleaned(from.decode(value), policy), (point) => point.value),
        to,
        policy,
      ),
    ),
  );
};

function outputEncoding(node: GraphNode): Encoding {
  const name = textAttribute(node, "output_encoding", "UTF-8");
  if (["UTF-8", "UTF-16-BE", "UTF-32-BE"].includes(name)) return encodingOf(name);
  throw unsupported(`output encoding ${name}`);
}

function decode(withOffsets: boolean): KernelFactory {
  return (node) => {
    const encoding = encodingOf(textAttribute(node, "input_encoding", ""));
    const policy = policyOf(node);
    const dtype = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
    return onHostMany((x) => {
      const values: number[] = [];
      const offsets: bigint[] = [];
      const splits = [0];
      for (const value of stringsOf(x)) {
        for (const point of cleaned(encoding.decode(value), policy)) {
          values.push(point.value);
          offsets.push(BigInt(point.start));
        }
        splits.push(values.length);
      }
      const shape = [values.length];
      return [
        splitsTensor(splits, dtype),
        { dtype: "int32" as const, shape, data: Int32Array.from(values) },
        ...(withOffsets ? [{ dtype: "int64" as const, shape, data: BigInt64Array.from(offsets) }] : []),
      ];
    });
  };
}

const encode: KernelFactory = (node) => {
  const encoding = outputEncoding(node);
  const policy = policyOf(node);
  return onHost((input, inputSplits) => {
    const points = Array.from(integersOf(input), (value, start) => ({
      value: isCodePoint(value) ? value : -1,
      start,
      length: 1,
    }));
    const splits = checkedSplits(integersOf(inputSplits), points.length);
    const rows = splits.slice(1).map((end, row) => points.slice(splits[row], end));
    return stringTensor(
      [rows.length],
      rows.map((row) =>
        encodeAll(
          Array.from(cleaned(row, policy), ({ value }) => value),
          encoding,
          policy,
        ),
      ),
    );
  });
};

const script: KernelFactory = () => {
  const numberOf = scriptNumbers();
  return onHost((x) => ({ dtype: "int32", shape: x.shape, data: Int32Array.from(integersOf(x), numberOf) }));
};

/** Operations about the characters of Unicode. */
export const UNICODE: KernelTable = {
  UnicodeDecode: decode(false),
  UnicodeDecodeWithOffsets: decode(true),
  UnicodeEncode: encode,
  UnicodeScript: script,
  UnicodeTranscode: transcode,
};
