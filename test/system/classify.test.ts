import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createManager, loadWith } from "@servable/core";
import { classify, multiInference, regress } from "@servable/inference";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";
import { expect, it } from "vitest";
import { root } from "../repository/sources.js";

interface Written {
  readonly shape: readonly number[];
  readonly data: readonly (string | number)[];
}
interface Call {
  readonly signature: string;
  readonly inputs: { readonly inputs: Written };
  readonly outputs: Readonly<Record<string, Written>>;
}

const { calls } = JSON.parse(readFileSync(join(root, "fixtures/tf1_text/calls/1.json"), "utf8")) as { calls: Call[] };
const [classified, regressed] = ["classify", "regress"].map((name) => calls.find((call) => call.signature === name));
const examplesOf = (call: Call | undefined): Uint8Array[] =>
  (call?.inputs.inputs.data ?? []).map((text) => new Uint8Array(Buffer.from(String(text), "base64")));
const close = (values: readonly (string | number)[] | undefined): unknown[] =>
  (values ?? []).map((value) => expect.closeTo(Number(value), 5) as unknown);

it("a SavedModel classifies and regresses examples as TensorFlow does", async () => {
  const source = fsSource({ name: "text", path: join(root, "fixtures/tf1_text"), pollMs: 0 });
  await using manager = createManager({ disk: source.pipe(loadWith(savedModel({ threads: 1 }))) });
  await manager.whenAvailable("text");

  const { classifications } = await classify(manager, {
    model: "text",
    signature: "classify",
    examples: examplesOf(classified),
  });
  const cells = classifications.flat();
  expect(classifications).toHaveLength(3);
  expect(cells.map(({ score }) => score)).toEqual(close(classified?.outputs["scores"]?.data));
  expect(cells.map(({ label }) => Buffer.from(label).toString("base64"))).toEqual(classified?.outputs["classes"]?.data);

  const request = { model: "text", signature: "regress", examples: examplesOf(regressed) };
  const regression = await regress(manager, request);
  expect(regression.regressions).toEqual(close(regressed?.outputs["outputs"]?.data));

  const { results } = await multiInference(manager, {
    tasks: ["regress", "classify"].map((name) => ({
      model: "text",
      signature: name,
      method: `tensorflow/serving/${name}`,
    })),
    examples: examplesOf(regressed),
  });
  expect(results).toEqual([regression, await classify(manager, { ...request, signature: "classify" })]);
});
