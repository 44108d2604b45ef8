import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { root } from "../repository/sources.js";
import { ask, command } from "./command.js";
import { MINIO, startS3 } from "./s3-server.js";

const instances = { instances: [1, 2, 5] };

describe("the command with a model in a bucket", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.skipIf(MINIO.program === "")(
    "serves it, goes over to a published version without a failed request, and starts again without the store",
    async () => {
      await using server = await startS3(MINIO);
      await server.createBucket("models");
      await server.addModel({ bucket: "models", prefix: "my models/m/1/" }, "half_plus_two/1");
      const cache = await mkdtemp(join(tmpdir(), "servable-s3-serve-"));
      // All that a user of Kubeflow sets.
      for (const [name, value] of Object.entries({ ...server.env, SERVABLE_CACHE: cache })) vi.stubEnv(name, value);
      const address = "s3://models/my models/m";
      const flags = ["--model_name=m", `--model_base_path=${address}`, "--rest_api_port=0"];
      const serving = /^serving m version (\d+) at (http:\S+)$/m;
      try {
        await using serve = command(...flags, "--file_system_poll_wait_seconds=1");
        const [, , url = ""] = await serve.until(serving);
        expect(serve.output).toMatch(/^m\/1: download \[#{20}\] 100 % of \d/m);
        const answers = new Map<string, number>();
        const asking = new AbortController();
        const client = async (): Promise<void> => {
          while (!asking.signal.aborted) {
            const answer = JSON.stringify(await ask(`${url}:predict`, instances));
            answers.set(answer, (answers.get(answer) ?? 0) + 1);
          }
        };
        const clients = Array.from({ length: 3 }, client);
        await using publish = command("publish", join(root, "fixtures/half_plus_two/2"), address);
        expect(await publish.ended, publish.output).toBe(0);
        expect(publish.output).toMatch(/published version 2 at s3:\/\/models\/my models\/m\/2: \d files/);
        await serve.until(/^m\/1: unloaded$/m);
        asking.abort();
        await Promise.all(clients);
        // Both versions answer alike.
        expect([...answers.keys()]).toEqual(['{"status":200,"json":{"predictions":[2.5,3,4.5]}}']);
        const { json } = await ask(url);
        expect(JSON.stringify(json)).toMatch(/"version":"2","state":"AVAILABLE"/);

        serve.signal("SIGTERM");
        expect(await serve.ended).toBe(0);
        await server.stop();
        await using again = command(...flags);
        const [, version] = await again.until(serving);
        expect(version).toBe("2");
        expect(again.output).toMatch(/is away .*what was served before is taken from the cache/);
      } finally {
        await rm(cache, { recursive: true, force: true });
      }
    },
  );
});
