import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ModelFiles } from "@servable/core";
import { loadContext, modelFilesContract } from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { memoryFiles } from "./memory-files.js";
import { urlFiles } from "./url-files.js";

const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  "saved_model.pb": Uint8Array.from({ length: 300 }, (_, index) => index),
  "variables/variables.index": new Uint8Array([1, 2, 3, 4, 5]),
  "assets/a name with ümlauts & spaces?.txt": new Uint8Array([7]),
  empty: new Uint8Array(0),
};

describe("files in memory", () => {
  const subject = {
    world: async () => ({ async [Symbol.asyncDispose]() {} }),
    create: () => memoryFiles(CONTENTS),
    contents: () => CONTENTS,
    skip: { "gives its lease back at disposal, and once": "it leases nothing" },
  };
  for (const { name, run } of modelFilesContract(subject)) it(name, run);
});

describe.each([
  ["a server that knows ranges", true],
  ["a server that knows no ranges", false],
])("files below a web address, on %s", (_title, knowsRanges) => {
  const subject = {
    world: () => web(knowsRanges),
    create: ({ files }: Web) => files,
    contents: () => CONTENTS,
    skip: { "gives its lease back at disposal, and once": "it leases nothing" },
  };
  for (const { name, run } of modelFilesContract(subject)) it(name, run);
});

describe("files below a web address", () => {
  it("say what the server answered, and whether to try again", async () => {
    await using world = await web(true, 503);
    await using files = await world.files.open(loadContext());
    await expect(files.read("saved_model.pb")).rejects.toMatchObject({
      code: "NOT_AVAILABLE",
      retryable: true,
      message: expect.stringMatching(/saved_model\.pb answered 503$/),
    });
  });

  it("say where nobody answers", async () => {
    const world = await web(true);
    await world[Symbol.asyncDispose]();
    await using files = await world.files.open(loadContext());
    await expect(files.list()).rejects.toMatchObject({ code: "NOT_AVAILABLE", retryable: true });
  });
});

interface Web extends AsyncDisposable {
  readonly files: ModelFiles;
}

async function web(knowsRanges: boolean, status = 200): Promise<Web> {
  const server: Server = createServer(({ url = "", headers, method }, response) => {
    const bytes = new Map(Object.entries(CONTENTS)).get(decodeURIComponent(url.slice("/models/1/".length)));
    const [, first, last] = headers.range?.match(/^bytes=(\d+)-(\d+)$/) ?? [];
    if (status !== 200) response.writeHead(status).end();
    else if (bytes === undefined) response.writeHead(404).end();
    else if (knowsRanges && first !== undefined && Number(first) >= bytes.length) response.writeHead(416).end();
    else if (knowsRanges && first !== undefined) {
      const part = bytes.slice(Number(first), Number(last) + 1);
      const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`;
      response.writeHead(206, { "content-range": range }).end(part);
    } else {
      response.setHeader("content-length", bytes.length);
      response.end(method === "HEAD" ? undefined : bytes);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/1`;
  return {
    files: urlFiles(url, { names: [...Object.keys(CONTENTS), "not there"] }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
