import { join } from "node:path";
import type { SavedModelOptions } from "@servable/loader-tf";
import { chosenLibrary, placesHere } from "@servable/loader-tf/native";

/** The library of the Python that `npm test` provides; undefined where it could not. */
export const library: string | undefined = libraryOf(process.env["SERVABLE_PYTHON"] ?? "");

/** The package tfjs-node that `npm test` provides; undefined where it could not. */
export const tfjsNode: string | undefined = packageIn(process.env["SERVABLE_TFJS_NODE"] ?? "");

/** An engine of TensorFlow's own, as a test takes it. */
export interface TestEngine {
  readonly title: string;
  readonly options: SavedModelOptions;
  readonly missing: boolean;
  /** The models of the zoo whose types the engine does not know, and what its refusal names. */
  readonly refuses: Readonly<Record<string, RegExp>>;
}

/** The engines that are TensorFlow itself. */
export const engines: readonly TestEngine[] = [
  {
    title: "native",
    options: { engine: "native", native: library === undefined ? {} : { library } },
    missing: library === undefined,
    refuses: {},
  },
  ...[0, 1].map((threads) => ({
    title: threads === 0 ? "tfjs-node on this thread" : "tfjs-node in a worker thread",
    options: {
      engine: "tfjs-node" as const,
      tfjsNode: { threads, ...(tfjsNode !== undefined && { package: tfjsNode }) },
    },
    missing: tfjsNode === undefined,
    refuses: { dtypes: /signature work: .*input exact \(float64\).*use the engine native/ },
  })),
];

function libraryOf(python: string): string | undefined {
  if (python === "") return undefined;
  const before = process.env["VIRTUAL_ENV"];
  process.env["VIRTUAL_ENV"] = join(python, "../..");
  try {
    return chosenLibrary(placesHere().filter(({ origin }) => origin === "VIRTUAL_ENV"));
  } finally {
    if (before === undefined) delete process.env["VIRTUAL_ENV"];
    else process.env["VIRTUAL_ENV"] = before;
  }
}

function packageIn(folder: string): string | undefined {
  return folder === "" ? undefined : join(folder, "node_modules/@tensorflow/tfjs-node");
}
