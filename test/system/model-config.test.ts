import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { ask, basePath, command } from "./command.js";
import { MINIO, startS3 } from "./s3-server.js";

const instances = { instances: [1, 2, 5] };
const answered = { status: 200, json: { predictions: [2.5, 3, 4.5] } };

afterEach(() => vi.unstubAllEnvs());

it.skipIf(MINIO.program === "")("follows a config file of folders and a bucket without a restart", async () => {
  await using s3 = await startS3(MINIO);
  await s3.createBucket("models");
  await s3.addModel({ bucket: "models", prefix: "c/1/" }, "half_plus_two/1");
  await using one = await basePath();
  await using other = await basePath();
  for (const version of ["1", "2"]) await one.add("half_plus_two/1", version);
  await other.add("half_plus_two/1", "1");
  const folder = await mkdtemp(join(tmpdir(), "servable-config-"));
  for (const [name, value] of Object.entries({ ...s3.env, SERVABLE_CACHE: join(folder, "cache") })) {
    vi.stubEnv(name, value);
  }
  const file = join(folder, "models.config");
  // In one step, so that no look meets half of it.
  const put = async (...configs: readonly string[]): Promise<void> => {
    await writeFile(`${file}.new`, configs.map((each) => `model_config_list { config { ${each} } }`).join("\n"));
    await rename(`${file}.new`, file);
  };
  const a = `name: "a" base_path: "${one.path}"`;
  const b = `name: "b" base_path: "${other.path}"`;
  const c = 'name: "c" base_path: "s3://models/c"';
  const both = "model_version_policy { all {} }";
  const stable = (version: number): string => `version_labels { key: "stable" value: ${version} }`;
  try {
    await put(a, c);
    await using server = command(
      `--model_config_file=${file}`,
      "--model_config_file_poll_wait_seconds=1",
      "--rest_api_port=0",
    );
    const [, base = ""] = await server.until(/^serving a version 2 at (http:\S+)\/a$/m);
    await server.until(/^serving c version 1 at/m);
    expect(await ask(`${base}/c:predict`, instances)).toEqual(answered);

    // A model more, another policy, a label.
    await put(`${a} ${both} ${stable(1)}`, b, c);
    await server.until(/^serving b version 1 at/m);
    await vi.waitFor(
      async () => expect(await ask(`${base}/a/versions/1:predict`, instances)).toEqual(answered),
      20_000,
    );
    expect(await ask(`${base}/a/labels/stable:predict`, instances)).toEqual(answered);

    // What cannot be followed changes nothing, not even labels.
    await put(`${a} ${both} ${stable(7)}`, 'name: "bad" base_path: "s3://"');
    await server.until(/what was configured before stays/);
    expect(await ask(`${base}/a/labels/stable:predict`, instances)).toEqual(answered);
    expect(await ask(`${base}/b:predict`, instances)).toEqual(answered);

    // One model less; the label moves.
    await put(`${a} ${both} ${stable(2)}`, c);
    await server.until(/^b\/1: unloaded$/m);
    const { json } = await ask(`${base}/a/labels/stable`);
    expect(JSON.stringify(json)).toContain('"version":"2"');
    expect((await ask(`${base}/b:predict`, instances)).status).not.toBe(200);
    expect(await ask(`${base}/c:predict`, instances)).toEqual(answered);
    server.signal("SIGTERM");
    expect(await server.ended).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
