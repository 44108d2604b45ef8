// What a child process of `servable doctor` runs: it tries one thing and sends what came of it.
import { ServingError } from "@servable/core";
import { savedModel } from "@servable/loader-tf";
import { foundForEngine, inspectLibrary } from "@servable/loader-tf/native";
import { folderFiles } from "@servable/source-fs";
import { type ProbeFacts, type ProbeMessage, type ProbeRequest, signatureLine } from "./probe.js";

async function tried(request: ProbeRequest): Promise<ProbeFacts[keyof ProbeFacts]> {
  if (request.kind === "library") return inspectLibrary(request.path);
  const { engine, library } = request;
  const native = library === undefined ? {} : { library };
  if (request.kind === "engine") return { because: await foundForEngine(engine, { native }) };
  const options = { engine, native, tags: request.tags, threads: 0, tfjsNode: { threads: 0 }, warmUp: false } as const;
  const loader = savedModel(options)(folderFiles(request.folder));
  await using loaded = await loader.load({
    id: { name: "model", version: 1 },
    signal: new AbortController().signal,
    report: () => {},
    servables: {
      acquire: () => {
        throw new ServingError("FAILED_PRECONDITION", "a SavedModel calls no other servable");
      },
    },
  });
  return { signatures: Object.entries(loaded.servable.signatures).map(([name, each]) => signatureLine(name, each)) };
}

async function messageOf(request: ProbeRequest): Promise<ProbeMessage> {
  try {
    return { state: "fine", facts: await tried(request) };
  } catch (error) {
    if (!ServingError.is(error)) throw error;
    return { state: "refused", message: error.message.replace(/^model\/1: /, "") };
  }
}

const message = await messageOf(JSON.parse(process.argv[2] ?? "") as ProbeRequest);
process.send?.(message, () => process.exit());
