import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AspiredVersions, all, exactly, type ModelFiles } from "@servable/core";
import { publishToS3, s3Source } from "@servable/source-s3";
import { Subject } from "rxjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { MODEL_FILES, S3_SERVERS, type S3Server, startS3 } from "./s3-server.js";

type Options = Partial<Parameters<typeof s3Source<string>>[0]>;

/** A source of a server that looks often, what it says, and a way to wait for it. */
class Watch implements Disposable {
  readonly lists: AspiredVersions<ModelFiles>[] = [];
  readonly warnings: string[] = [];
  readonly refresh$ = new Subject<void>();
  readonly #told = new Set<() => void>();
  readonly #subscription;

  constructor(server: S3Server, cacheFolder: string, options: Options) {
    const tell = (): void => {
      for (const told of this.#told) told();
    };
    this.#subscription = s3Source({
      name: "m",
      url: "s3://bucket/base",
      ...server.options,
      cacheFolder,
      pollMs: 50,
      settleMs: 50,
      recheckMs: 0,
      versions: all(),
      refresh$: this.refresh$,
      onWarning: (text) => {
        this.warnings.push(text);
        tell();
      },
      ...options,
    }).subscribe((list) => {
      this.lists.push(list);
      tell();
    });
  }

  async until<T>(found: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const value = found();
        if (value === undefined || value === false) return;
        this.#told.delete(look);
        resolve(value);
      };
      this.#told.add(look);
      look();
    });
  }

  versions(...numbers: readonly number[]): Promise<AspiredVersions<ModelFiles>> {
    return this.until(() => {
      const last = this.lists.at(-1);
      return last?.versions.map(({ version }) => version).join() === numbers.join() && last;
    });
  }

  warned(pattern: RegExp): Promise<string> {
    return this.until(() => this.warnings.find((text) => pattern.test(text)));
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }
}

async function claimWhole(list: AspiredVersions<ModelFiles>, version: number, model: string): Promise<void> {
  const found = list.versions.find((each) => each.version === version);
  if (found === undefined || "error" in found) throw new Error(`no version ${version}`);
  await using files = await found.data.open({ signal: new AbortController().signal, report: () => {} });
  for (const name of MODEL_FILES) {
    expect(Buffer.from(await files.read(name)).equals(await readFile(join(root, "fixtures", model, name))), name).toBe(
      true,
    );
  }
}

describe.each(S3_SERVERS)("a bucket on $kind", (which) => {
  let server: S3Server;
  let bucket = 0;
  beforeAll(async () => {
    if (which.program !== "") server = await startS3(which);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** Runs `work` with a bucket and a cache of its own. */
  const real = (
    title: string,
    work: (world: { bucket: string; watch: (options?: Options) => Watch }) => Promise<void>,
  ): void => {
    it.skipIf(which.program === "")(title, async () => {
      const name = `bucket-${++bucket}`;
      const cacheFolder = await mkdtemp(join(tmpdir(), "servable-s3-cache-"));
      await server.createBucket(name);
      const watches: Watch[] = [];
      try {
        await work({
          bucket: name,
          watch: (options = {}) => {
            const watch = new Watch(server, cacheFolder, { url: `s3://${name}/base`, ...options });
            watches.push(watch);
            return watch;
          },
        });
      } finally {
        for (const watch of watches) watch[Symbol.dispose]();
        await rm(cacheFolder, { recursive: true, force: true, maxRetries: 5 });
      }
    });
  };

  real("gives a first version, a new one, one less, and the old one back", async ({ bucket: name, watch }) => {
    const at = (version: number) => ({ bucket: name, prefix: `base/${version}/` });
    await server.addModel(at(1), "half_plus_two/1");
    const watched = watch();
    await claimWhole(await watched.versions(1), 1, "half_plus_two/1");
    await server.addModel(at(2), "half_plus_two/2");
    await claimWhole(await watched.versions(2, 1), 2, "half_plus_two/2");
    await server.empty(name, "base/2/");
    await watched.versions(1);
    await server.addModel(at(2), "half_plus_two/1");
    await claimWhole(await watched.versions(2, 1), 2, "half_plus_two/1");
  });

  real(
    "keeps what was offered when it is emptied, deleted, and finds what comes back",
    async ({ bucket: name, watch }) => {
      await server.addModel({ bucket: name, prefix: "base/1/" }, "half_plus_two/1");
      const watched = watch();
      await watched.versions(1);
      await server.empty(name);
      await watched.warned(/stays offered: version 1/);
      await server.deleteBucket(name);
      await watched.warned(/there is no bucket/);
      await watched.versions(1);
      await server.createBucket(name);
      await server.addModel({ bucket: name, prefix: "base/3/" }, "half_plus_two/1");
      await watched.versions(3);
    },
  );

  real("says that the key is wrong, and what to do", async ({ watch }) => {
    const credentials = { accessKeyId: "somebody", secretAccessKey: "something" };
    await watch({ credentials }).warned(/the access key is unknown there/);
  });

  real("takes prefixes with blanks and letters of all kinds, and empty files", async ({ bucket: name, watch }) => {
    const prefix = "my models/größe +%20&/日本/";
    await server.addModel({ bucket: name, prefix: `${prefix}1/` }, "half_plus_two/1");
    await server.put(name, `${prefix}1/assets/empty file.txt`, "");
    await claimWhole(await watch({ url: `s3://${name}/${prefix}` }).versions(1), 1, "half_plus_two/1");
  });

  real("is published to in an order that shows no half of a version", async ({ bucket: name, watch }) => {
    const watched = watch({ settleMs: 60_000 });
    const publish = () =>
      publishToS3({ folder: join(root, "fixtures/half_plus_two/1"), url: `s3://${name}/base`, ...server.options });
    expect((await publish()).version).toBe(1);
    // The manifest says that it is whole: nobody has to wait for it to be at rest.
    await claimWhole(await watched.versions(1), 1, "half_plus_two/1");
    expect((await publish()).version).toBe(2);
    await watched.versions(2, 1);
  });

  real("serves from the cache when it is away at the next start", async ({ bucket: name, watch }) => {
    await server.addModel({ bucket: name, prefix: "base/1/" }, "half_plus_two/1");
    const first = watch();
    await claimWhole(await first.versions(1), 1, "half_plus_two/1");
    first[Symbol.dispose]();
    const again = watch({ endpoint: "http://127.0.0.1:1" });
    await claimWhole(await again.versions(1), 1, "half_plus_two/1");
    expect(again.warnings.join()).toContain("taken from the cache");
  });

  real("of more versions than a page holds gives the one that is wanted", async ({ bucket: name, watch }) => {
    const count = process.env["SERVABLE_NIGHTLY"] === "1" ? 10_000 : 1_100;
    for (let start = 1; start <= count; start += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, at) => server.put(name, `base/${start + at}/note`, "")));
    }
    await server.addModel({ bucket: name, prefix: "base/1077/" }, "half_plus_two/1");
    const list = await watch({ versions: exactly([1_077]) }).versions(1_077);
    await claimWhole(list, 1_077, "half_plus_two/1");
  });
});
