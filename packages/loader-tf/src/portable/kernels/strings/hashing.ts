import type { GraphNode } from "../../graph/graph.js";
import { describeNode, malformed } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { stringsOf } from "../host/bytes.js";
import { fingerprint64 } from "../host/fingerprint64.js";
import { murmurHash, sipHash } from "../host/keyed-hash.js";

/** The seed that TensorFlow gives to its own hash of strings. */
const SEED = 0xdecafcaffen;

function buckets(hashOf: (node: GraphNode) => (bytes: Uint8Array) => bigint): KernelFactory {
  return (node) => {
    const count = node.attributes.get("num_buckets");
    // More than 2^53 are no mistake: they keep all bits of the hash.
    if (typeof count !== "bigint" || count < 1n) throw malformed(`${describeNode(node)} has no number of buckets`);
    const hash = hashOf(node);
    return onHost((x) => ({
      dtype: "int64",
      shape: x.shape,
      data: BigInt64Array.from(stringsOf(x), (value) => hash(value) % count),
    }));
  };
}

function keyOf(node: GraphNode): readonly [bigint, bigint] {
  const key = node.attributes.get("key");
  const [first, second, ...rest] = Array.isArray(key) ? key : [];
  if (typeof first !== "bigint" || typeof second !== "bigint" || rest.length > 0) {
    throw malformed(`${describeNode(node)} has no key of two integers`);
  }
  return [BigInt.asUintN(64, first), BigInt.asUintN(64, second)];
}

/** Operations that give strings numbers by hashing. */
export const HASHING: KernelTable = {
  StringToHashBucket: buckets(() => (bytes) => murmurHash(bytes, SEED)),
  StringToHashBucketFast: buckets(() => fingerprint64),
  StringToHashBucketStrong: buckets((node) => {
    const key = keyOf(node);
    return (bytes) => sipHash(bytes, key);
  }),
};
