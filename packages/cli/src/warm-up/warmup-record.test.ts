import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createManager, type Manager, type Predictor, tensor } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { type RecordedCall, WARM_UP_FILE, warmUpCalls } from "@servable/saved-model";
import { of } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../run-cli.js";

const halfPlusTwo = fileURLToPath(new URL("../../../../fixtures/half_plus_two/1", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "warmup-record-")), "half", "1");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "saved_model.pb"), await readFile(join(halfPlusTwo, "saved_model.pb")));
});

afterEach(() => rm(join(folder, "../.."), { recursive: true }));

interface Run {
  readonly status: Promise<number>;
  readonly out: string[];
  readonly err: string[];
  stop(): void;
  /** The address that the command listens on. */
  readonly url: Promise<string>;
}

function run(...words: string[]): Run {
  const [out, err]: string[][] = [[], []];
  let stop = (): void => {};
  let listening = (_url: string): void => {};
  const url = new Promise<string>((resolve) => {
    listening = resolve;
  });
  const status = runCli(["warmup", "record", folder, ...words], {
    out: (line) => out?.push(line),
    err: (line) => {
      err?.push(line);
      const found = /at (http:\S+),/.exec(line)?.[1];
      if (found !== undefined) listening(found);
    },
    onStop: (given) => {
      stop = given;
    },
  });
  return { status, out: out ?? [], err: err ?? [], stop: () => stop(), url };
}

async function recorded(path = join(folder, WARM_UP_FILE)): Promise<RecordedCall[]> {
  return [...warmUpCalls(new Uint8Array(await readFile(path)))];
}

const callOf = (...x: number[]): RecordedCall => ({
  signature: "serving_default",
  inputs: { x: tensor(x) },
  outputs: [],
});

async function logOf(...lines: string[]): Promise<string> {
  const path = join(folder, "..", "requests.jsonl");
  await writeFile(path, lines.join("\n"));
  return path;
}

describe("servable warmup record --log", () => {
  it("writes the version's warm-up file out of request bodies, and nothing else", async () => {
    const log = await logOf('{"instances": [1, 2]}', "", '{"signature_name": "serving_default", "inputs": {"x": [3]}}');
    const { status, out, err } = run(`--log=${log}`);
    expect([await status, out, err]).toEqual([0, [`recorded 2 requests in ${join(folder, WARM_UP_FILE)}`], []]);
    expect(await recorded()).toEqual([callOf(1, 2), callOf(3)]);
    expect(await readdir(join(folder, "assets.extra"))).toEqual(["tf_serving_warmup_requests"]);
  });

  it("leaves out what the model does not take, and says why", async () => {
    const log = await logOf('{"instances": ["a"]}', "no JSON", '{"instances": [1]}', '{"examples": [{}]}');
    const { status, err } = run(`--log=${log}`);
    expect(await status).toBe(0);
    expect(err).toEqual([expect.stringMatching(/^warning: 3 requests are left out; line 1: .*"error"/s)]);
    expect(await recorded()).toEqual([callOf(1)]);
  });

  it("stops at the number that is asked for, and writes where it is told to", async () => {
    const log = await logOf(...Array.from({ length: 9 }, (_, index) => `{"instances": [${index}]}`));
    const output = join(folder, "../elsewhere");
    expect(await run(`--log=${log}`, "--max_records=2", `--output=${output}`).status).toBe(0);
    expect(await recorded(output)).toEqual([callOf(0), callOf(1)]);
  });

  it("writes nothing where nothing was recorded", async () => {
    const { status, err } = run(`--log=${await logOf("{}")}`);
    expect(await status).toBe(1);
    expect(err.at(-1)).toContain("no request was recorded");
    expect(await readdir(folder)).toEqual(["saved_model.pb"]);
  });
});

describe("servable warmup record --server", () => {
  const signatures: Predictor["signatures"] = {
    serving_default: {
      inputs: { x: { dtype: "float32", shape: [-1] } },
      outputs: { y: { dtype: "float32", shape: [-1] } },
      methodName: "",
    },
  };

  async function served(): Promise<{ readonly manager: Manager; readonly url: string }> {
    const load = async () => ({
      servable: { signatures, predict: async ({ x }: Record<string, unknown>) => ({ y: x }) } as Predictor,
      async [Symbol.asyncDispose]() {},
    });
    const lists = ["half", "other"].map((name) => ({ name, versions: [{ version: 1, data: { load } }] }));
    const manager = createManager({ code: of(...lists) });
    await Promise.all(["half", "other"].map((name) => manager.whenAvailable(name)));
    return { manager, url: (await listen(manager, { port: 0, host: "127.0.0.1" })).url };
  }

  it("answers as the server does, and records what the model was asked with success", async () => {
    const { url, manager } = await served();
    const command = run(`--server=${url}`, "--port=0");
    const proxy = await command.url;
    const post = async (path: string, body: string | Uint8Array, headers = {}): Promise<unknown> => {
      const response = await fetch(`${proxy}${path}`, { method: "POST", body: body as BodyInit, headers });
      return [response.status, await response.json()];
    };
    expect(await post("/v1/models/half:predict", '{"instances": [1]}')).toEqual([200, { predictions: [1] }]);
    expect(await post("/v1/models/other:predict", '{"instances": [2]}')).toEqual([200, { predictions: [2] }]);
    expect(await post("/v1/models/half:predict", '{"instances": ["a"]}')).toMatchObject([400, {}]);
    expect(await post("/v1/models/nope:predict", '{"instances": [1]}')).toMatchObject([404, {}]);
    const zipped = new Uint8Array(gzipSync('{"inputs": [4]}'));
    const headers = { "content-encoding": "gzip" };
    expect(await post("/v1/models/half/versions/1:predict", zipped, headers)).toEqual([200, { outputs: [4] }]);
    expect(await (await fetch(`${proxy}/v1/models/half`)).json()).toMatchObject({ model_version_status: [{}] });
    command.stop();
    expect([await command.status, command.out]).toEqual([0, [`recorded 2 requests in ${join(folder, WARM_UP_FILE)}`]]);
    expect(await recorded()).toEqual([callOf(1), callOf(4)]);
    await manager.close();
  });

  it("ends by itself when it has enough", async () => {
    const { url, manager } = await served();
    const command = run(`--server=${url}`, "--port=0", "--max_records=1");
    const post = { method: "POST", body: '{"instances": [5]}' };
    await fetch(`${await command.url}/v1/models/half:predict`, post);
    expect(await command.status).toBe(0);
    expect(await recorded()).toEqual([callOf(5)]);
    await manager.close();
  });

  it("records another model's requests where it is named", async () => {
    const { url, manager } = await served();
    const command = run(`--server=${url}`, "--port=0", "--model_name=other", "--max_records=1");
    await fetch(`${await command.url}/v1/models/other:predict`, { method: "POST", body: '{"instances": [6]}' });
    expect(await command.status).toBe(0);
    expect(await recorded()).toEqual([callOf(6)]);
    await manager.close();
  });

  it("answers 502 while the server is away", async () => {
    const closed = createServer().listen(0);
    await new Promise((resolve) => closed.once("listening", resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const command = run(`--server=http://127.0.0.1:${port}`, "--port=0");
    const response = await fetch(`${await command.url}/v1/models/half:predict`, { method: "POST", body: "{}" });
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { error: expect.stringContaining("cannot be reached") },
    ]);
    command.stop();
    expect(await command.status).toBe(1);
  });
});

describe("servable warmup", () => {
  it.each<[string[], string]>([
    [[], "needs either --log=FILE, of JSON bodies, or --server=URL"],
    [["--log=a", "--server=http://x"], "needs either --log=FILE"],
    [["--server=x"], "--server=x is no address"],
    [["--log=a", "--max_records=1001"], "--max_records=1001 is out of its range"],
    [["--log=a", "--sampling_rate=0"], "--sampling_rate=0 is out of its range"],
    [["--server=http://x", "--port=70000"], "--port=70000 is out of its range"],
    [["--nope"], "warmup record: "],
    [["another", "--log=a"], "needs one folder"],
  ])("refuses the words %j", async (words, message) => {
    const { status, err } = run(...words);
    expect(await status).toBe(2);
    expect(err[0]).toContain(message);
  });

  it("says which folder to name when there is no model", async () => {
    await rm(join(folder, "saved_model.pb"));
    const { status, err } = run("--log=a");
    expect([await status, err[0]]).toEqual([1, expect.stringContaining("name the folder of a version")]);
  });

  it("has one command", async () => {
    const err: string[] = [];
    const ports = { out: () => {}, err: (line: string) => void err.push(line), onStop: () => {} };
    expect(await runCli(["warmup", "play"], ports)).toBe(2);
    expect(err[0]).toContain("servable warmup record");
  });
});
