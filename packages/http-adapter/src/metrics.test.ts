import { createManager, type Loader, type Predictor } from "@servable/core";
import fc from "fast-check";
import { Registry } from "prom-client";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import { LatencyHistogram } from "./metrics/histogram.js";
import { metricsPage } from "./metrics/metric-family.js";
import type { AccessEntry } from "./options.js";
import { half, post } from "./testing/ask.js";
import { served } from "./testing/served.js";

const PATH = "/monitoring/prometheus/metrics";

/** The lines of a page as a map from name and labels to value; fails for a line of another form. */
function read(page: string): Map<string, number> {
  expect(page.endsWith("\n")).toBe(true);
  const lines = page.trimEnd().split("\n");
  return new Map(
    lines.flatMap((line): [string, number][] => {
      if (/^# (HELP [\w:]+ .+|TYPE [\w:]+ (counter|gauge|histogram))$/.test(line)) return [];
      const [, key = "", value] = /^([\w:]+\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\}) (\S+)$/.exec(line) ?? [];
      expect(key, line).not.toBe("");
      return [[key, Number(value)]];
    }),
  );
}

describe("metrics", () => {
  it("count requests as TensorFlow Serving does, by model and outcome, and names of models that there are alone", async () => {
    const handler = createHttpHandler(await served({ m: half }), { metrics: true });
    const send = (path: string, init?: RequestInit): Promise<Response> => handler(new Request(`http://h${path}`, init));
    const body = '{"instances":[1]}';
    for (let time = 0; time < 3; time++) await send("/v1/models/m:predict", post(body));
    await send("/v1/models/m:predict", post("{"));
    await send("/v1/models/m/versions/9:predict", post(body));
    await send("/v1/models/made-up:predict", post(body));
    await send("/v1/models/m");
    await send("/nowhere");
    const response = await send(PATH);
    expect(response.headers.get("content-type")).toBe("text/plain");
    const page = await response.text();
    expect(page).toContain("# TYPE :tensorflow:serving:request_count counter\n");
    const found = read(page);
    const count = (model: string, status: string): number | undefined =>
      found.get(`:tensorflow:serving:request_count{model_name="${model}",status="${status}"}`);
    expect(count("m", "OK")).toBe(4);
    expect([count("m", "INVALID_ARGUMENT"), count("m", "NOT_FOUND")]).toEqual([1, 1]);
    expect(count("", "NOT_FOUND")).toBe(2);
    expect(page).not.toContain("made-up");
    const latency = (suffix: string): number | undefined => found.get(`:tensorflow:serving:request_latency_${suffix}`);
    const labels = 'model_name="m",API="predict",entrypoint="REST"';
    expect(latency(`count{${labels}}`)).toBe(3);
    expect(latency(`bucket{${labels},le="+Inf"}`)).toBe(3);
    expect(latency(`bucket{${labels},le="10"}`)).toBeTypeOf("number");
    expect(latency(`bucket{${labels},le="32.4"}`)).toBeTypeOf("number");
    expect(latency(`bucket{${labels},le="708235"}`)).toBe(3);
    expect(latency(`sum{${labels}}`)).toBeGreaterThan(0);
    expect(latency('count{model_name="m",API="",entrypoint="REST"}')).toBe(1);
    expect(found.get(':tensorflow:serving:runtime_latency_count{model_name="m",API="Predict",runtime="TF1"}')).toBe(3);
    for (const phase of ["read", "parse", "queue", "run", "write"]) {
      const key = `model="m",version="3",signature="serving_default",phase="${phase}"`;
      expect(found.get(`servable_phase_seconds_count{${key}}`), phase).toBe(3);
    }
    expect(found.get('servable_request_bytes_total{model="m"}')).toBe(4 * body.length + 1);
    expect(found.get('servable_response_bytes_total{model="m"}')).toBeGreaterThan(3 * '{"predictions":[2.5]}'.length);
    expect(found.get('servable_version_state{model="m",version="3",state="AVAILABLE"}')).toBe(1);
    expect([found.get("servable_ready{}"), found.get("servable_calls_in_flight{}")]).toEqual([1, 0]);
  });

  it("are at the path that is asked for, under the prefix, and nowhere where they are off", async () => {
    const manager = await served({ m: half });
    const status = async (options: Parameters<typeof createHttpHandler>[1], path: string): Promise<number> =>
      (await createHttpHandler(manager, options)(new Request(`http://h${path}`))).status;
    expect(await status({}, PATH)).toBe(404);
    expect(await status({ metrics: true, prefix: "/a" }, `/a${PATH}`)).toBe(200);
    expect(await status({ metrics: { path: "/metrics" } }, "/metrics?x=1")).toBe(200);
    expect(await status({ metrics: { path: "/metrics" } }, PATH)).toBe(404);
  });

  it("go into a registry of prom-client too, once", async () => {
    const registry = new Registry();
    const manager = await served({ 'a "b"\\': half });
    const handler = createHttpHandler(manager, { metrics: { registry } });
    await handler(new Request("http://h/v1/models/a%20%22b%22%5C:predict", post({ instances: [1] })));
    const page = await registry.metrics();
    expect(page).toContain(String.raw`:tensorflow:serving:request_count{model_name="a \"b\"\\",status="OK"} 1`);
    expect(page).toContain("servable_phase_seconds_bucket{");
    const ours = await (await handler(new Request(`http://h${PATH}`))).text();
    const lines = (text: string): string[] =>
      text.split("\n").filter((line) => /^servable_versions|request_count/.test(line));
    expect(lines(ours).map((line) => line.replace("{}", ""))).toEqual(lines(page));
    expect(() => createHttpHandler(manager, { metrics: { registry } })).toThrow("already been registered");
  });

  it("forget the phases of a version that is gone, and count its loads", async () => {
    const lists = new Subject<{ name: string; versions: { version: number; data: Loader<Predictor> }[] }>();
    const data: Loader<Predictor> = { load: async () => ({ servable: half, async [Symbol.asyncDispose]() {} }) };
    const manager = createManager({ code: lists });
    const handler = createHttpHandler(manager, { metrics: true });
    const page = async (): Promise<string> => (await handler(new Request(`http://h${PATH}`))).text();
    const ended = new Promise<void>((resolve) => {
      manager.events$.subscribe((event) => event.type === "version-ended" && resolve());
    });
    lists.next({ name: "m", versions: [{ version: 1, data }] });
    await manager.whenAvailable("m");
    await handler(new Request("http://h/v1/models/m:predict", post({ instances: [1] })));
    expect(await page()).toContain('version="1",signature=');
    lists.next({ name: "m", versions: [{ version: 2, data }] });
    await ended;
    const after = await page();
    expect(after).not.toContain('version="1",signature=');
    expect(after).toContain('servable_loads_total{model="m",outcome="ok"} 2\n');
    expect(after).toContain('servable_loads_total{model="m",outcome="failed"} 0\n');
  });
});

describe("a histogram", () => {
  it("counts each latency in the first bucket that holds it, at limits too", () => {
    const limits = Array.from({ length: 33 }, (_, index) => 10 * 1.8 ** index);
    const latency = fc.oneof(fc.double({ min: 0, max: 2e10, noNaN: true }), fc.constantFrom(...limits, 0));
    fc.assert(
      fc.property(latency, (micros) => {
        const histogram = new LatencyHistogram();
        histogram.observe(micros);
        const counts = histogram.samples({}).flatMap(({ suffix, value }) => (suffix === "_bucket" ? [value] : []));
        expect(counts).toEqual([...limits, Number.POSITIVE_INFINITY].map((limit) => Number(micros <= limit)));
      }),
    );
  });
});

it("a page escapes what would tear it", () => {
  const family = {
    name: "a",
    help: "A.",
    type: "gauge",
    samples: () => [{ labels: { l: 'x"\\\n' }, value: 1 }],
  } as const;
  expect(metricsPage([family])).toBe(`# HELP a A.\n# TYPE a gauge\na{l="x\\"\\\\\\n"} 1\n`);
});

describe("an access log", () => {
  it("is told of each request, whatever became of it", async () => {
    const entries: AccessEntry[] = [];
    const handler = createHttpHandler(await served({ m: half }), { onAccess: (entry) => entries.push(entry) });
    await handler(new Request("http://h/v1/models/m:predict?x", post('{"instances":[1]}')));
    await handler(new Request("http://h/v1/models/none"));
    const durationMs = expect.any(Number) as number;
    expect(entries).toEqual([
      {
        method: "POST",
        path: "/v1/models/m:predict",
        status: 200,
        durationMs,
        model: "m",
        version: 3,
        signature: "serving_default",
        requestBytes: 17,
        responseBytes: 21,
        phasesMs: { read: durationMs, parse: durationMs, queue: durationMs, run: durationMs, write: durationMs },
      },
      {
        method: "GET",
        path: "/v1/models/none",
        status: 404,
        durationMs,
        requestBytes: 0,
        responseBytes: expect.any(Number),
        phasesMs: {},
      },
    ]);
  });
});
