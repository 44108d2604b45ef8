import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { ask, basePath, command, serve } from "./command.js";
import { run } from "./run.js";

// Provided by `npm test`, which says so where it cannot.
const python = process.env["SERVABLE_PYTHON"] ?? "";
const FILE = "assets.extra/tf_serving_warmup_requests";

async function putFile(folder: string, bytes: Uint8Array): Promise<void> {
  await mkdir(join(folder, "assets.extra"), { recursive: true });
  await writeFile(join(folder, FILE), bytes);
}

describe("warm-up", () => {
  it("records what clients ask a running server, in a file that warms the model up", async () => {
    await using base = await basePath();
    await base.add("multi/1");
    const folder = join(base.path, "1");
    const { server, url } = await serve(base, "--file_system_poll_wait_seconds=0");
    await using _ = server;
    const { origin } = new URL(url);
    const words = [folder, `--server=${origin}`, "--port=0", "--model_name=m", "--max_records=2"];
    await using recorder = command("warmup", "record", ...words);
    const [, proxy = ""] = await recorder.until(/at (http:\S+),/);
    const body = { inputs: { a: [[1, 2, 3]], b: [[4, 5, 6]] } };
    const answer = await ask(`${url}:predict`, body);
    expect(answer.status).toBe(200);
    for (let left = 2; left > 0; left--) expect(await ask(`${proxy}/v1/models/m:predict`, body)).toEqual(answer);
    expect(await recorder.ended).toBe(0);

    const again = await serve(base);
    await using warm = again.server;
    expect(await ask(`${again.url}:predict`, body)).toEqual(answer);
    expect(warm.output).toContain("warm up");
    if (python === "") return;
    const replayed = await run(python, [join(root, "fixtures/replay_warm_up.py"), join(folder, FILE), folder], root);
    expect(replayed.status, replayed.output).toBe(0);
    const line = "m serving_default {'a': [1, 3], 'b': [1, 3]} -> {'mean': [1], 'product': [1, 3], 'sum': [1, 3]}";
    // TensorFlow's own lines may come right before one of ours.
    expect(replayed.output.split(line), replayed.output).toHaveLength(3);
  });

  it("keeps a version away whose warm-up fails, until it is switched off", async () => {
    await using base = await basePath();
    await base.add("half_plus_two/1");
    await putFile(join(base.path, "1"), await readFile(join(root, "fixtures/tf1_text/tf_serving_warmup_requests")));
    await using failing = command("--model_name=m", `--model_base_path=${base.path}`, "--rest_api_port=0");
    await failing.until(/m\/1: warm-up call 0, signature serving_default: .*examples/);
    expect(failing.output).not.toContain("serving m");
    const { server, url } = await serve(base, "--enable_model_warmup=false");
    await using _ = server;
    expect(await ask(`${url}:predict`, { instances: [1] })).toEqual({ status: 200, json: { predictions: [2.5] } });
  });
});
