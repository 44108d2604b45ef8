import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { all, type ModelFiles, type Source } from "@servable/core";
import { HALF_PLUS_TWO, type TempFolder, tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import type { S3SourceOptions } from "../options.js";
import { s3Source } from "../s3-source.js";
import { BUCKET, type FakeS3, fakeS3 } from "./fake-s3.js";

export const MODEL_FILES: readonly string[] = [
  "saved_model.pb",
  "variables/variables.index",
  "variables/variables.data-00000-of-00001",
];

/** A bucket, a cache folder, and what sources of them say. */
export class World implements AsyncDisposable {
  readonly s3: FakeS3;
  readonly folder: TempFolder;
  readonly warnings: string[] = [];
  readonly #told = new Set<() => void>();
  changes = 0;

  constructor(s3: FakeS3, folder: TempFolder) {
    this.s3 = s3;
    this.folder = folder;
  }

  /** A source that looks all the time and takes everything for complete. */
  source(options: Partial<S3SourceOptions> = {}): Source<ModelFiles> {
    return s3Source({
      name: "m",
      url: `s3://${BUCKET}/base`,
      endpoint: this.s3.endpoint,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      cacheFolder: this.folder.at("cache"),
      versions: all(),
      pollMs: 2,
      settleMs: 0,
      recheckMs: 0,
      retryDelayMs: 1,
      complete: () => undefined,
      onWarning: (text) => {
        this.warnings.push(text);
        for (const told of this.#told) told();
      },
      ...options,
    });
  }

  add(version: number, text = `bytes of version ${version}`): void {
    this.s3.put(`base/${version}/weights/model`, text);
  }

  /** Puts version 1 or 2 of half_plus_two, as TensorFlow wrote it. */
  async addModel(version: 1 | 2, prefix = `base/${version}/`): Promise<void> {
    for (const name of MODEL_FILES)
      this.s3.put(`${prefix}${name}`, await readFile(join(HALF_PLUS_TWO, String(version), name)));
  }

  async warned(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.warnings.some((text) => pattern.test(text))) return;
        this.#told.delete(look);
        resolve();
      };
      this.#told.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

export async function makeWorld(options?: { readonly pageSize?: number }): Promise<World> {
  return new World(await fakeS3(options), await tempFolder());
}

export const quiet: Parameters<ModelFiles["open"]>[0] = { signal: new AbortController().signal, report: () => {} };
