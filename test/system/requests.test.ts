import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, type BasePath, basePath, type Command, serve } from "./command.js";

let base: BasePath;
let server: Command;
let url = "";
beforeAll(async () => {
  base = await basePath();
  await base.add("mnist/2");
  ({ server, url } = await serve(base));
});
afterAll(async () => {
  server.signal("SIGTERM");
  expect(await server.ended).toBe(0);
  await base[Symbol.asyncDispose]();
});

const row = Array.from({ length: 28 }, () => 0);
const image = Array.from({ length: 28 }, () => row);

describe("a bad request is answered in words, and the next one is served", () => {
  it.each<[string, unknown, number, RegExp]>([
    ["no JSON", "{ not json", 400, /JSON/],
    ["nothing", "", 400, /empty|JSON/],
    ["no object", [1, 2], 400, /object/],
    ["neither key", {}, 400, /instances/],
    ["both keys", { instances: [image], inputs: [image] }, 400, /one of|both/i],
    ["no rows", { instances: [] }, 400, /instances/],
    ["the wrong rank", { instances: [row] }, 400, /m\/2.*images|images.*shape/],
    ["the wrong size", { instances: [image.slice(1)] }, 400, /images/],
    ["text for numbers", { instances: [image.map(() => row.map(() => "0"))] }, 400, /float/],
    ["null", { instances: [null] }, 400, /null/i],
    [
      "ragged rows",
      { instances: [[...image.slice(1), row.slice(1)]] },
      400,
      /images: instances\[0\]\[27\] is a list of 27/,
    ],
    ["an unknown input", { instances: [{ pixels: image }] }, 400, /pixels/],
    ["an unknown signature", { instances: [image], signature_name: "other" }, 400, /other/],
    ["a signature that is no text", { instances: [image], signature_name: 7 }, 400, /signature_name/],
  ])("%s", async (_title, body, status, message) => {
    const answer = await ask(`${url}:predict`, body);
    expect(answer.status).toBe(status);
    expect((answer.json as { error: string }).error).toMatch(message);
    expect((await ask(`${url}:predict`, { instances: [image] })).status).toBe(200);
  });

  it.each([
    ["/v1/models/other:predict", 404, /other/],
    ["/v1/models/m/versions/9:predict", 404, /9/],
    ["/v1/models/m/versions/99999999999999999999:predict", 400, /version/],
    ["/v1/models/m:explode", 404, /./],
    ["/v2/models/m", 404, /./],
    ["/v1/models/m:classify", 400, /"examples" \(a list of objects\) to classify/],
  ])("POST %s", async (path, status, message) => {
    const answer = await ask(new URL(path, url).href, { instances: [image] });
    expect(answer).toMatchObject({ status });
    expect((answer.json as { error: string }).error).toMatch(message);
  });

  it("a body of 100 MB, announced or not", async () => {
    const chunk = Buffer.alloc(1_000_000, "[");
    const post = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = request(`${url}:predict`, { method: "POST", headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
          sent.destroy();
        });
        // The server may close before it has taken all; its answer counts.
        sent.on("error", (error) => setImmediate(() => reject(error)));
        let left = 100;
        const write = (): void => {
          while (left-- > 0 && !sent.destroyed) if (!sent.write(chunk)) return void sent.once("drain", write);
          if (!sent.destroyed) sent.end();
        };
        write();
      });
    expect(await post({ "content-length": "100000000" })).toBe(413);
    expect(await post({ "transfer-encoding": "chunked" })).toBe(413);
    expect((await ask(`${url}:predict`, { instances: [image] })).status).toBe(200);
  });

  it("a client that hangs up in the middle, fifty times", async () => {
    const { hostname, port } = new URL(url);
    for (let time = 0; time < 50; time++) {
      const socket = connect(Number(port), hostname);
      await new Promise((resolve) => socket.on("connect", resolve));
      const body = JSON.stringify({ instances: Array.from({ length: 20 }, () => image) });
      const head = `POST /v1/models/m:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
      await new Promise((resolve) => socket.write(time % 2 === 0 ? head + body : head + body.slice(0, 1_000), resolve));
      socket.destroy();
    }
    expect((await ask(`${url}:predict`, { instances: [image] })).status).toBe(200);
    expect(server.output).not.toMatch(/error/i);
  });
});

describe("metadata and status", () => {
  it("are TensorFlow Serving's", async () => {
    expect((await ask(url)).json).toEqual({
      model_version_status: [{ version: "2", state: "AVAILABLE", status: { error_code: "OK", error_message: "" } }],
    });
    const { json } = await ask(`${url}/metadata`);
    expect(json).toMatchObject({
      model_spec: { name: "m", signature_name: "", version: "2" },
      metadata: {
        signature_def: { signature_def: { serving_default: { inputs: { images: { dtype: "DT_FLOAT" } } } } },
      },
    });
  });
});
