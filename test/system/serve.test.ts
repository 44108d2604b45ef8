import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { ask, basePath, command, serve } from "./command.js";

const fixture = (path: string): string => join(root, "fixtures", path);

/** Asks until the answer is as wanted; the test's own limit ends it. */
async function until(url: string, wanted: (json: string) => boolean): Promise<void> {
  for (;;) {
    const text = await (await fetch(url)).text();
    if (wanted(text)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the command", () => {
  it("serves a model with one line that says where, and stops with status 0", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using base = await basePath();
      await base.add("half_plus_two/1");
      const { server, url } = await serve(base);
      await using _ = server;
      expect(await ask(`${url}:predict`, { instances: [1, 2, 5] })).toEqual({
        status: 200,
        json: { predictions: [2.5, 3, 4.5] },
      });
      expect((await fetch(new URL("/readyz", url))).status).toBe(200);
      expect((await fetch(new URL("/livez", url))).status).toBe(200);
      server.signal(signal);
      expect(await server.ended).toBe(0);
      expect(server.output).toMatch(/m\/1: loading\n(.*\n)*m\/1: available after/);
      expect(server.output.trimEnd()).toMatch(/m\/1: unloaded$/);
    }
  });

  it.each([
    [["--model_base_path=/nowhere/at/all"], "there is no folder /nowhere/at/all"],
    [["--model_nme=m"], "there is no flag --model_nme; did you mean --model_name?"],
    [[], "--model_base_path is missing"],
    [[`--model_base_path=${fixture("mnist/1")}`, "--rest_api_port=99999"], "--rest_api_port must be from 0 to 65535"],
  ])("ends with status 2 and a sentence that helps: %j", async (flags, sentence) => {
    await using server = command(...flags);
    expect(await server.ended).toBe(2);
    expect(server.output).toContain(sentence);
  });

  it("warns by name of flags of TensorFlow Serving that have no effect yet", async () => {
    await using base = await basePath();
    await base.add("half_plus_two/1");
    const { server } = await serve(base, "--flush_filesystem_caches", "--grpc_max_threads", "4");
    await using _ = server;
    expect(server.output).toMatch(/warning: .*--flush_filesystem_caches/);
    expect(server.output).toMatch(/--grpc_max_threads/);
  });

  it("runs requests together where it is asked to, and answers each with its own", async () => {
    await using base = await basePath();
    await base.add("half_plus_two/1");
    const file = join(base.path, "batching.txt");
    await writeFile(
      file,
      "max_batch_size { value: 4 } batch_timeout_micros { value: 5000 } allowed_batch_sizes: [2, 4]",
    );
    const { server, url } = await serve(base, "--enable_batching", `--batching_parameters_file=${file}`);
    await using _ = server;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => ask(`${url}:predict`, { instances: [at] })),
    );
    expect(answers).toEqual(answers.map((_, at) => ({ status: 200, json: { predictions: [at / 2 + 2] } })));
    const large = await ask(`${url}:predict`, { instances: [1, 2, 3, 4, 5] });
    expect(large).toMatchObject({ status: 400, json: { error: expect.stringContaining("maxBatchSize is 4") } });
  });

  it("ends with status 1 where its port is in use, and names it", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.on("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await using base = await basePath();
    await base.add("half_plus_two/1");
    await using server = command(`--model_base_path=${base.path}`, `--rest_api_port=${port}`);
    expect(await server.ended).toBe(1);
    expect(server.output).toContain(`${port}`);
    expect(server.output).toMatch(/in use/);
    other.close();
  });

  it("finishes the requests that it has accepted when it is told to stop", async () => {
    await using base = await basePath();
    await base.add("mnist/1");
    const { server, url } = await serve(base);
    await using _ = server;
    const image = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => 0.5));
    const body = JSON.stringify({ instances: Array.from({ length: 500 }, () => image) });
    const asked = fetch(`${url}:predict`, { method: "POST", body });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await new Promise((resolve) => socket.on("connect", resolve));
    server.signal("SIGTERM");
    // Either it was accepted, and is answered in full, or the port was closed before it came.
    const outcome = await asked.then(
      async (response) => ((await response.json()) as { predictions: unknown[] }).predictions.length,
      () => "refused",
    );
    expect([500, "refused"]).toContain(outcome);
    expect(await server.ended).toBe(0);
    socket.destroy();
  });
});

describe("the base path", () => {
  it("may be empty at first: it waits and says for what, then serves what comes", async () => {
    await using base = await basePath();
    for (const name of ["v0.1", "+7"]) await mkdir(join(base.path, name));
    await writeFile(join(base.path, "7.txt"), "");
    await using server = command(
      "--model_name=m",
      `--model_base_path=${base.path}`,
      "--rest_api_port=0",
      "--file_system_poll_wait_seconds=1",
    );
    await server.until(/waiting: m has no available version/);
    for (const entry of ["v0.1", "+7", "7.txt"])
      await server.until(new RegExp(`skipped "${entry.replace(/[.+]/g, "\\$&")}": .+`));
    await base.add("half_plus_two/1");
    const [, url = ""] = await server.until(/^serving m version 1 at (http:\S+)$/m);
    expect((await ask(`${url}:predict`, { instances: [2] })).json).toEqual({ predictions: [3] });
  });

  it("is not ready while it is empty, with the reason", async () => {
    await using base = await basePath();
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.on("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await new Promise((resolve) => other.close(resolve));
    await using server = command("--model_name=m", `--model_base_path=${base.path}`, `--rest_api_port=${port}`);
    await server.until(/waiting: /);
    const answer = await ask(`http://127.0.0.1:${port}/readyz`);
    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.json)).toMatch(/m has no available version/);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect(await ask(`http://127.0.0.1:${port}/v1/models/m:predict`, { instances: [1] })).toMatchObject({
      status: 503,
    });
  });

  it("may hold a version that is half copied: it is not loaded before the last file is there", async () => {
    await using base = await basePath();
    await base.add("half_plus_two/1");
    const { server, url } = await serve(base);
    await using _ = server;
    await mkdir(join(base.path, "2/variables"), { recursive: true });
    await cp(fixture("half_plus_two/2/saved_model.pb"), join(base.path, "2/saved_model.pb"));
    await cp(fixture("half_plus_two/2/variables/variables.index"), join(base.path, "2/variables/variables.index"));
    const { readyz } = { readyz: new URL("/readyz", url) };
    // It has looked at the folder when it says what it lacks.
    expect((await fetch(readyz)).status).toBe(200);
    expect((await ask(`${url}:predict`, { instances: [2] })).status).toBe(200);
    const shard = "variables/variables.data-00000-of-00001";
    await cp(fixture(`half_plus_two/2/${shard}`), join(base.path, "2", shard));
    await until(url, (json) => /"2",\s*"state": "AVAILABLE"/.test(json) && /"1",\s*"state": "END"/.test(json));
    expect(server.output).not.toMatch(/error/);
    expect((await ask(`${url}:predict`, { instances: [2] })).status).toBe(200);
  });

  it("may lose everything: what is loaded stays", async () => {
    await using base = await basePath();
    await base.add("half_plus_two/1");
    const { server, url } = await serve(base);
    await using _ = server;
    await rm(join(base.path, "1"), { recursive: true });
    await server.until(/warning: .*/);
    expect((await ask(`${url}:predict`, { instances: [2] })).json).toEqual({ predictions: [3] });
  });
});

describe("a version that cannot be loaded", () => {
  it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    [
      "random bytes",
      () => Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7919) % 251)),
      /m\/2: saved_model\.pb is not a SavedModel/,
    ],
    [
      "a cut file",
      (bytes) => bytes.subarray(0, bytes.length / 2),
      /m\/2: saved_model\.pb is not a SavedModel, or is cut short/,
    ],
  ])(
    "(%s) is an error by name, the old version serves, and new bytes are tried anew",
    async (_title, damage, message) => {
      await using base = await basePath();
      await base.add("half_plus_two/1");
      const { server, url } = await serve(base);
      await using _ = server;
      const whole = await readFile(fixture("half_plus_two/2/saved_model.pb"));
      const staged = `${base.path}-staged`;
      await cp(fixture("half_plus_two/2"), staged, { recursive: true });
      await writeFile(join(staged, "saved_model.pb"), damage(whole));
      await rename(staged, join(base.path, "2"));
      await server.until(message);
      expect((await ask(`${url}:predict`, { instances: [2] })).json).toEqual({ predictions: [3] });
      await writeFile(join(base.path, "2/saved_model.pb"), whole);
      await until(url, (json) => /"2",\s*"state": "AVAILABLE"/.test(json));
      expect((await ask(`${url}:predict`, { instances: [2] })).status).toBe(200);
    },
  );

  it("(a shard with wrong bytes) is found by its checksum", async () => {
    await using base = await basePath();
    await base.add("mnist/1");
    const shard = join(base.path, "1/variables/variables.data-00000-of-00001");
    const bytes = await readFile(shard);
    await writeFile(
      shard,
      bytes.map((byte) => byte ^ 1),
    );
    await using server = command("--model_name=m", `--model_base_path=${base.path}`, "--rest_api_port=0");
    await server.until(/error: m\/1: .*the checksum is wrong/);
  });

  it("(operations that the engine lacks) is refused with all of them", async () => {
    await using base = await basePath();
    await base.add("unsupported/1");
    await using server = command(
      "--model_name=m",
      `--model_base_path=${base.path}`,
      "--rest_api_port=0",
      "--engine=portable",
    );
    const [line] = await server.until(/error: m\/1: the portable engine cannot run .*/);
    for (const op of ["Svd", "FFT2D", "Betainc"]) expect(line).toContain(`${op} (`);
  });
});

it("the Estimator's export answers its calls through npx, from the folder of the repository", async () => {
  await using server = command(
    "--model_name=m",
    `--model_base_path=${fixture("mnist_estimator")}`,
    "--rest_api_port=0",
  );
  const [, url = ""] = await server.until(/^serving m version 1 at (http:\S+)$/m);
  const { calls } = JSON.parse(await readFile(fixture("mnist_estimator/calls/1.json"), "utf8")) as {
    calls: {
      signature: string;
      inputs: { x: { shape: number[]; data: number[] } };
      outputs: { classes: { data: unknown[] } };
    }[];
  };
  const asked = calls.filter(
    ({ inputs, signature }) => signature === "serving_default" && (inputs.x.shape[0] ?? 0) > 0,
  );
  expect(asked.length).toBeGreaterThan(0);
  for (const { inputs, outputs } of asked) {
    const { shape, data } = inputs.x;
    const rows = Array.from({ length: shape[0] ?? 0 }, (_, n) =>
      Array.from({ length: 28 }, (_row, y) => data.slice((n * 28 + y) * 28, (n * 28 + y + 1) * 28)),
    );
    const { status, json } = await ask(`${url}:predict`, { instances: rows });
    expect(status).toBe(200);
    const { predictions } = json as { predictions: { classes: number; probabilities: number[] }[] };
    expect(predictions.map(({ classes }) => classes)).toEqual(outputs.classes.data.map(Number));
    expect(predictions[0]?.probabilities).toHaveLength(10);
  }
});
