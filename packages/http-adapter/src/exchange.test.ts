import { createManager } from "@servable/core";
import { gatedLoader } from "@servable/core/testing";
import { NEVER, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import type { HttpOptions } from "./options.js";
import { ask, half, post, type Reply } from "./testing/ask.js";
import { fakePredictor, served } from "./testing/served.js";

describe("other routes", () => {
  const get = async (path: string, options: RequestInit & { options?: HttpOptions } = {}): Promise<Reply> =>
    ask(await served({ half, "a/b:c": half }), path, options);

  it("tells the status of a model, and of one version", async () => {
    const ok = { error_code: "OK", error_message: "" };
    for (const path of ["/v1/models/half", "/v1/models/half/versions/3"]) {
      expect(JSON.parse((await get(path)).text)).toEqual({
        model_version_status: [{ version: "3", state: "AVAILABLE", status: ok }],
      });
    }
  });

  it("follows labels, and the status of a label is that of its version", async () => {
    const manager = await served({ m: fakePredictor({ x: ["int64", [-1, 28]] }, { y: ["bool", undefined] }) });
    manager.setLabel("m", "stable", 3);
    expect((await ask(manager, "/v1/models/m/labels/stable/metadata")).status).toBe(200);
    const { model_version_status: versions } = JSON.parse((await ask(manager, "/v1/models/m/labels/stable")).text) as {
      model_version_status: { version: string }[];
    };
    expect(versions.map(({ version }) => version)).toEqual(["3"]);
    manager.setLabel("m", "stable", 4);
    const missing = await ask(manager, "/v1/models/m/labels/stable");
    expect([missing.status, missing.text]).toEqual([503, expect.stringContaining("label stable points to version 4")]);
  });

  it("tells a model's metadata in TensorFlow Serving's shape", async () => {
    const shape = {
      dim: [
        { size: "-1", name: "" },
        { size: "28", name: "" },
      ],
      unknown_rank: false,
    };
    const manager = await served({ m: fakePredictor({ x: ["int64", [-1, 28]] }, { y: ["bool", undefined] }) });
    expect(JSON.parse((await ask(manager, "/v1/models/m/metadata")).text)).toEqual({
      model_spec: { name: "m", signature_name: "", version: "3" },
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: {
              inputs: { x: { dtype: "DT_INT64", tensor_shape: shape, name: "" } },
              outputs: { y: { dtype: "DT_BOOL", tensor_shape: { dim: [], unknown_rank: true }, name: "" } },
              method_name: "tensorflow/serving/predict",
              defaults: {},
            },
          },
        },
      },
    });
  });

  it("lists the models, also those with odd names", async () => {
    const { models } = JSON.parse((await get("/v1/models")).text) as { models: { name: string }[] };
    expect(models.map(({ name }) => name)).toEqual(["half", "a/b:c"]);
    expect((await get("/v1/models/a%2Fb%3Ac/metadata")).status).toBe(200);
  });

  it.each<[string, string, number, string]>([
    ["GET", "/v1/models/half/labels/stable", 404, "half has no label stable"],
    ["GET", "/v1/models/nope", 404, "no model is named nope"],
    ["GET", "/v1/models/half/versions/4", 404, "half has no version 4"],
    ["GET", "/v1/models/half/versions/99999999999999999999", 400, "is beyond"],
    ["GET", "/v1/models/%E0%A4%A", 400, "percent-encoded"],
    ["GET", "/", 404, "is no path of this server"],
    ["GET", "/v1/models/", 404, "is no path"],
    ["POST", "/v1/models/half:PREDICT", 404, "is no path"],
    ["GET", "/v1/models/half:predict", 405, "POST is"],
    ["POST", "/v1/models/half", 405, "GET, HEAD is"],
    ["DELETE", "/readyz", 405, "GET, HEAD is"],
  ])("answers %s %s with %i", async (method, path, status, message) => {
    const reply = await get(path, { method });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([status, { error: expect.stringContaining(message) }]);
    expect(reply.headers.get("allow")).toBe(status === 405 ? message.replace(" is", "") : null);
  });

  it("answers HEAD as GET, without a body", async () => {
    expect(await get("/v1/models/half", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  it("answers only below the prefix", async () => {
    const options = { prefix: "/serving" };
    expect((await get("/serving/v1/models/half", { options })).status).toBe(200);
    expect((await get("/serving/livez", { options })).status).toBe(200);
    for (const path of ["/v1/models/half", "/servingv1/models/half", "/serving"]) {
      expect((await get(path, { options })).status).toBe(404);
    }
  });

  it("is ready when the manager is, and says until then what is missing; alive it is always", async () => {
    const manager = createManager({ slow: NEVER });
    const reply = await ask(manager, "/readyz");
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      503,
      { ready: false, waitingFor: manager.snapshot().waitingFor },
    ]);
    expect(manager.snapshot().waitingFor.length).toBeGreaterThan(0);
    expect((await ask(manager, "/livez")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
  });

  it("tells a client of a model that is still loading to come back", async () => {
    const manager = createManager({ disk: of({ name: "m", versions: [{ version: 1, data: gatedLoader() }] }) });
    const reply = await ask(manager, "/v1/models/m:predict", post({ instances: [1] }));
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "1"]);
  });

  it.each([{ prefix: "serving" }, { prefix: "/serving/" }, { maxBodyBytes: 0 }, { maxBodyBytes: Number.NaN }])(
    "refuses the options %o at once",
    (options) => {
      expect(() => createHttpHandler(createManager({ slow: NEVER }), options)).toThrow(RangeError);
    },
  );
});
