import type { Manager } from "@servable/core";
import { type WireClient, wireAdapterContract } from "@servable/core/testing";
import { it } from "vitest";
import { getModelMetadata } from "./model-metadata.js";
import { getModelStatus } from "./model-status.js";
import { predict } from "./predict.js";

/** The calls themselves, with nothing between them and their caller. */
function directClient(manager: Manager): WireClient {
  return {
    predict: async ({ inputs, ...request }) => (await predict(manager, { ...request, decode: () => inputs })).outputs,
    status: async (model) => getModelStatus(manager, { model }).versions,
    metadata: async (model) => (await getModelMetadata(manager, { model })).signatures,
    async [Symbol.asyncDispose]() {},
  };
}

for (const { name, run } of wireAdapterContract({ serve: directClient })) it(name, run);
