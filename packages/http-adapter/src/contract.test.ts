import { wireAdapterContract } from "@servable/core/testing";
import { describe, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import { listen } from "./node/listen.js";
import { restClient } from "./testing/rest-client.js";

const skip = {
  "refuses an input that the model does not have": "TensorFlow Serving's REST API ignores keys that it does not know",
};

describe("the handler of Request and Response", () => {
  const cases = wireAdapterContract({
    skip,
    serve: (manager) => {
      const handler = createHttpHandler(manager);
      return restClient((path, init) => handler(new Request(`http://host${path}`, init)));
    },
  });
  for (const { name, run } of cases) it(name, run);
});

describe("a server that listens, asked by fetch", () => {
  const cases = wireAdapterContract({
    skip,
    serve: async (manager) => {
      const server = await listen(manager, { port: 0 });
      const send = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server.url}${path}`, init);
      return restClient(send, () => server.close());
    },
  });
  for (const { name, run } of cases) it(name, run);
});
