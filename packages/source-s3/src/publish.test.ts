import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest } from "@servable/saved-model";
import { describe, expect, it } from "vitest";
import { HALF_PLUS_TWO } from "../../source-folders/src/testing/temp-folder.js";
import { type PublishOptions, publishToS3 } from "./publish.js";
import { type ObjectListing, type ObjectStore, StoreError, type Upload } from "./store/object-store.js";

/** A bucket that keeps what is put and in which order, and may refuse a key. */
class Bucket implements ObjectStore {
  readonly puts: { readonly key: string; readonly bytes: Uint8Array }[] = [];
  readonly folders: string[];
  refused: RegExp | undefined;

  constructor(...folders: string[]) {
    this.folders = folders;
  }

  async list(): Promise<ObjectListing> {
    return { objects: [], folders: this.folders, requests: 1 };
  }

  get(): never {
    throw new Error("nothing is read");
  }

  checksum(): never {
    throw new Error("nothing is read");
  }

  async put(key: string, { body, signal }: Upload): Promise<void> {
    signal.throwIfAborted();
    if (this.refused?.test(key) === true) throw new StoreError("refused", `${key} is refused`);
    this.puts.push({ key, bytes: body instanceof Uint8Array ? body : await readFile(body.path) });
  }

  get keys(): string[] {
    return this.puts.map(({ key }) => key);
  }
}

const folder = join(HALF_PLUS_TWO, "1");
const publish = (store: Bucket, more: Partial<PublishOptions> = {}): ReturnType<typeof publishToS3> =>
  publishToS3({ folder, url: "s3://models/a model/m", store, ...more });

describe("publishToS3", () => {
  it("puts all files, then the manifest that makes the version complete, then the pointer that tells of it", async () => {
    const bucket = new Bucket();
    const progress: number[] = [];
    const published = await publish(bucket, {
      onProgress: ({ done, total }) => progress.push((done ?? 0) / (total ?? 0)),
    });
    const files = bucket.keys.slice(0, -2);
    expect(bucket.keys.slice(-2)).toEqual(["a model/m/1/servable.json", "a model/m/servable.json"]);
    expect(files.toSorted()).toEqual([
      "a model/m/1/fingerprint.pb",
      "a model/m/1/saved_model.pb",
      "a model/m/1/variables/variables.data-00000-of-00001",
      "a model/m/1/variables/variables.index",
    ]);
    expect(published).toMatchObject({ version: 1, files: 4 });
    expect(published.totalBytes).toBe(bucket.puts.slice(0, 4).reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(progress.at(-1)).toBe(1);
    for (const [index, { bytes }] of bucket.puts.slice(0, 4).entries()) {
      const name = files[index]?.slice("a model/m/1/".length) ?? "";
      expect(Buffer.compare(bytes, await readFile(join(folder, name)))).toBe(0);
    }
  });

  it("writes a manifest that describes what was put", async () => {
    const bucket = new Bucket();
    await publish(bucket);
    const manifest = parseManifest(bucket.puts.at(-2)?.bytes ?? new Uint8Array());
    const sizes = manifest.files.map(({ name, sizeBytes }): [string, number] => [`a model/m/1/${name}`, sizeBytes]);
    const uploads = bucket.puts.slice(0, 4).map(({ key, bytes }): [string, number] => [key, bytes.length]);
    expect(new Map(sizes)).toEqual(new Map(uploads));
  });

  it("takes the next number, past gaps and past what is no version", async () => {
    const bucket = new Bucket("a model/m/2/", "a model/m/10/", "a model/m/notes/");
    expect((await publish(bucket)).version).toBe(11);
  });

  it("puts nothing over a version that is there", async () => {
    const bucket = new Bucket("a model/m/3/");
    await expect(publish(bucket, { version: 3 })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect(bucket.keys).toEqual([]);
  });

  it.each([/saved_model\.pb$/, /variables\.index$/, /\/1\/servable\.json$/])(
    "that fails at %s leaves nothing that would be taken for complete",
    async (refused) => {
      const bucket = new Bucket();
      bucket.refused = refused;
      await expect(publish(bucket)).rejects.toThrow("is refused");
      expect(bucket.keys.filter((key) => key.endsWith("servable.json"))).toEqual([]);
    },
  );

  it("that is aborted ends with the reason, without a manifest", async () => {
    const bucket = new Bucket();
    const controller = new AbortController();
    const reason = new Error("enough");
    const published = publish(bucket, { signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(published).rejects.toBe(reason);
    expect(bucket.keys).toHaveLength(1);
  });

  it("refuses a folder that is no whole model before it asks the store", async () => {
    const bucket = new Bucket();
    const incomplete = publish(bucket, { folder: join(folder, "variables") });
    await expect(incomplete).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(bucket.keys).toEqual([]);
  });
});
