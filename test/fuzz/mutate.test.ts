import { SavedModel } from "@servable/tf-proto";
import { expect, it } from "vitest";
import { fileBytes } from "./fixture-files.js";
import { minimise } from "./minimise.js";
import { mutate } from "./mutate.js";
import type { MutationSource } from "./mutation-source.js";
import { Random } from "./random.js";

const model = fileBytes("fixtures/half_plus_two/1/saved_model.pb");
const sourceOf = (seed: number, isMessage: boolean): MutationSource => ({
  random: new Random(seed),
  other: model,
  tokens: [],
  isMessage,
  maxBytes: 20_000,
});
const made = (seed: number, isMessage: boolean): Uint8Array[] => {
  const source = sourceOf(seed, isMessage);
  return Array.from({ length: 300 }, () => mutate(model, source));
};

it("makes the same inputs of the same seed, others of another, none too long", () => {
  const texts = (seed: number): string[] => made(seed, true).map((input) => Buffer.from(input).toString("base64"));
  expect(texts(1)).toEqual(texts(1));
  expect(texts(1)).not.toEqual(texts(2));
  expect(Math.max(...made(3, false).map(({ length }) => length))).toBeLessThanOrEqual(20_000);
});

it("keeps the lengths of messages right where it changes messages", () => {
  const decodable = (inputs: readonly Uint8Array[]): number =>
    inputs.filter((input) => {
      try {
        return SavedModel.decode(input).metaGraphs.length > 0;
      } catch {
        return false;
      }
    }).length;
  expect(decodable(made(4, true))).toBeGreaterThan(2 * decodable(made(4, false)));
});

it("shortens an input to what it fails with", async () => {
  const fails = async (input: Uint8Array): Promise<boolean> => input.includes(7) && input.includes(9);
  const input = Uint8Array.from({ length: 100 }, (_, at) => at);
  expect(await minimise(input, fails)).toEqual(Uint8Array.of(7, 9));
});
