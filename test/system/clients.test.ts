import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BasePath, basePath, type Command, serve } from "./command.js";

const run = promisify(execFile);
const { SERVABLE_PYTHON = "", SERVABLE_KSERVE = "" } = process.env;

let base: BasePath;
let server: Command;
let url = "";
beforeAll(async () => {
  base = await basePath();
  await base.add("half_plus_two/1");
  const file = join(base.path, "monitoring.txt");
  await writeFile(file, 'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }');
  const flags = [
    `--monitoring_config_file=${file}`,
    "--rest_api_timeout_in_ms=10000",
    "--rest_api_enable_cors_support",
  ];
  ({ server, url } = await serve(base, ...flags));
});
afterAll(async () => {
  server.signal("SIGTERM");
  expect(await server.ended).toBe(0);
  await base[Symbol.asyncDispose]();
});

describe("real clients", () => {
  it("curl predicts, sends gzip, and reads status and metrics", async () => {
    const curl = async (...args: readonly string[]): Promise<string> => (await run("curl", ["-s", ...args])).stdout;
    expect(await curl("-d", '{"instances": [1.0, 2.0, 5.0]}', "-X", "POST", `${url}:predict`)).toBe(
      '{"predictions":[2.5,3.0,4.5]}',
    );
    // With more than a kilobyte curl asks whether it may send the body.
    const long = JSON.stringify({ instances: Array.from({ length: 5_000 }, () => 1) });
    const file = join(base.path, "long.json");
    await writeFile(file, long);
    const answer = JSON.parse(await curl("-d", `@${file}`, "-H", "Expect: 100-continue", `${url}:predict`)) as {
      predictions: number[];
    };
    expect(answer.predictions).toHaveLength(5_000);
    expect(await curl("-i", "-H", "Origin: https://a.example", url)).toMatch(/access-control-allow-origin: \*/i);
    const page = await curl(new URL("/monitoring/prometheus/metrics", url).href);
    expect(page).toContain("# TYPE :tensorflow:serving:request_latency histogram");
    expect(page).toContain(':tensorflow:serving:request_count{model_name="m",status="OK"}');
    expect(page).toContain("servable_event_loop_delay_seconds{");
  });

  it.skipIf(SERVABLE_PYTHON === "")("Python's requests predict as in TensorFlow Serving's guide", async () => {
    const script = `
import json, requests
url = ${JSON.stringify(url)}
data = json.dumps({"signature_name": "serving_default", "instances": [1.0, 2.0, 5.0]})
answer = requests.post(url + ":predict", data=data, headers={"content-type": "application/json"})
assert json.loads(answer.text)["predictions"] == [2.5, 3.0, 4.5], answer.text
session = requests.Session()
for value in range(50):
    answer = session.post(url + "/versions/1:predict", json={"inputs": {"x": [value]}})
    answer.raise_for_status()
    assert answer.json() == {"outputs": [value / 2 + 2]}, answer.text
assert requests.get(url).json()["model_version_status"][0]["state"] == "AVAILABLE"
assert "signature_def" in requests.get(url + "/metadata").json()["metadata"]
bad = requests.post(url + ":predict", json={"instances": ["one"]})
assert bad.status_code == 400 and "error" in bad.json()
print("ok")
`;
    expect((await run(SERVABLE_PYTHON, ["-c", script])).stdout).toBe("ok\n");
  });

  it.skipIf(SERVABLE_KSERVE === "")("KServe's client predicts over its protocol v1", async () => {
    const script = `
import asyncio
from kserve import InferenceRESTClient, RESTConfig

async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v1", timeout=60))
    base = ${JSON.stringify(url.replace(/\/v1\/.*/, ""))}
    answer = await client.infer(base, {"instances": [1.0, 2.0, 5.0]}, model_name="m")
    assert answer == {"predictions": [2.5, 3.0, 4.5]}, answer
    print("ok")

asyncio.run(main())
`;
    expect((await run(SERVABLE_KSERVE, ["-c", script])).stdout).toContain("ok\n");
  });
});
