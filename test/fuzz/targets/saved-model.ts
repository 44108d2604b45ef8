import { parseSavedModel, type ReadFile, SavedModelError, selectMetaGraph, signaturesOf } from "@servable/saved-model";
import { compile } from "../../../packages/loader-tf/src/portable/compile.js";
import { KERNELS } from "../../../packages/loader-tf/src/portable/kernels/registry.js";
import { hostOnlyDevice } from "../../../packages/loader-tf/src/testing/host-only-device.js";
import { opCases } from "../../../packages/loader-tf/src/testing/op-cases.js";
import { latin1 } from "../bytes.js";
import { fileBytes, modelFolders } from "../fixture-files.js";
import { isSmallCase, modelOfCase } from "../small-models.js";
import type { Target } from "../target.js";

const VARIABLES = "fixtures/half_plus_two/1/variables";
const files = new Map(
  ["variables.index", "variables.data-00000-of-00001"].map((name): [string, Uint8Array] => [
    `variables/${name}`,
    fileBytes(`${VARIABLES}/${name}`),
  ]),
);
files.set("assets/vocabulary.txt", fileBytes("fixtures/tf1_text/1/assets/vocabulary.txt"));

function reader(savedModel: Uint8Array): ReadFile {
  return async (name, range) => {
    const bytes = name === "saved_model.pb" ? savedModel : files.get(name);
    if (bytes === undefined) throw new SavedModelError("NOT_FOUND", `there is no file ${name}`);
    return bytes.slice(range?.start, range?.end);
  };
}

/** Each operation once, as TensorFlow was asked about it. */
function oneOfEach(): Uint8Array[] {
  const cases = opCases().filter((each) => isSmallCase(each) && KERNELS.has(each.op));
  return [...new Map(cases.map((each) => [each.op, each])).values()].map(modelOfCase);
}

/** saved_model.pb: parsed, its signatures read, compiled by the portable engine; constants are folded by its kernels. */
export const savedModel: Target = {
  name: "saved_model.pb",
  seeds: () => [...modelFolders().map((folder) => fileBytes(`${folder}/saved_model.pb`)), ...oneOfEach()],
  tokens: [...KERNELS.keys(), "PartitionedCall", "If", "While", "Switch", "Merge", "Placeholder", "serve"].map(latin1),
  isMessage: true,
  maxBytes: 100_000,
  async run(input) {
    signaturesOf(selectMetaGraph(parseSavedModel(input)));
    return compile({ read: reader(input), tags: ["serve"], optimize: {}, device: hostOnlyDevice, report: () => {} });
  },
};
