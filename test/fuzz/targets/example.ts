import { ServingError } from "@servable/core";
import { decodeExample } from "@servable/saved-model";
import { concat, latin1, varint } from "../bytes.js";
import { casesOf, firstInputs, kernelOfCase } from "../run-kernel.js";
import type { Target } from "../target.js";

const field = (number: number, value: Uint8Array): Uint8Array =>
  concat(varint(BigInt(number * 8 + 2)), varint(BigInt(value.length)), value);
const feature = (name: string, kind: number, list: Uint8Array): Uint8Array =>
  field(1, concat(field(1, latin1(name)), field(2, field(kind, list))));
const floats = new Uint8Array(Float32Array.of(0.5, -1, 1e30, 0).buffer);
const integers = concat(...[0n, 1n, 300n, -1n, 2n ** 62n].map(varint));

/** The features a, b, c: bytes, floats, integers. */
const exampleSeeds: readonly Uint8Array[] = [
  new Uint8Array(0),
  field(1, feature("a", 1, concat(field(1, latin1("one")), field(1, latin1(""))))),
  field(1, feature("b", 2, field(1, floats))),
  field(1, feature("b", 2, concat(Uint8Array.of(13), floats.subarray(0, 4), field(1, floats)))),
  field(1, feature("c", 3, field(1, integers))),
  field(1, feature("c", 3, concat(Uint8Array.of(8, 5, 8), varint(-1n), field(1, integers)))),
  field(
    1,
    concat(
      feature("a", 1, field(1, latin1("x"))),
      feature("b", 2, field(1, floats)),
      feature("c", 3, field(1, integers)),
    ),
  ),
];

const cases = ["ParseExampleV2", "ParseExample", "ParseSingleExample"].flatMap(casesOf);
// Each way to ask for features once, with as few examples as any case of it has.
const rowsOf = ({ inputs: [first] }: (typeof cases)[number]): number => first?.data.length ?? 0;
const fewest = cases.filter((each) => rowsOf(each) > 0).sort((one, other) => rowsOf(other) - rowsOf(one));
const ways = new Map(fewest.map((each) => [JSON.stringify([each.op, each.attributes]), each]));
const kernels = [...ways.values()].map(kernelOfCase);

/** A serialized tf.Example: decoded, and parsed by each of the operations. */
export const example: Target = {
  name: "tf.Example",
  seeds: () => [...exampleSeeds, ...firstInputs(cases)],
  tokens: ["a", "b", "c", "age", "scores", "tags", "history"].map(latin1),
  isMessage: true,
  maxBytes: 4_096,
  run(input) {
    for (const ask of kernels) {
      try {
        ask(input);
      } catch (error) {
        if (!ServingError.is(error) || error.code === "INTERNAL") throw error;
      }
    }
    return decodeExample(input);
  },
};
