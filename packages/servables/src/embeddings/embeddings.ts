import { type Loaded, type Loader, type ModelFiles, type ServableId } from "@servable/core";
import { nameError } from "../name-error.js";
import { eachLine } from "../text/each-line.js";
import { checkMaxLineBytes, MAX_LINE_BYTES } from "../text/max-line-bytes.js";
import { withFile } from "../text/with-file.js";
import { checkSearch, type EmbeddingIndex, makeEmbeddingIndex, type SearchDefaults } from "./embedding-index.js";
import { type VectorEntries, vectorReader, vectorsOf } from "./read-vectors.js";
import type { Metric } from "./search.js";
import type { Vectors } from "./vectors.js";

/** Options of {@link embeddings}. */
export interface EmbeddingsOptions {
  /** How vectors are compared unless a call says otherwise. @defaultValue "cosine" */
  readonly metric?: Metric;
  /** How many neighbours the signature `nearest` gives, and `nearest()` unless it is told. @defaultValue 10 */
  readonly k?: number;
}

/** Options of {@link embeddingsFiles}. */
export interface EmbeddingsFilesOptions extends EmbeddingsOptions {
  /** The file, relative to the version's folder. @defaultValue `vectors.txt`, or the only file there is */
  readonly file?: string;
  /**
   * Whether the first line tells how many vectors there are and how long they are, as word2vec writes it.
   * @defaultValue true if the first line is two integers
   */
  readonly header?: boolean;
  /** A longer line is refused. @defaultValue 1 MiB */
  readonly maxLineBytes?: number;
}

/**
 * A loader of given vectors. They are copied once, now, and stay in memory while the loader is kept.
 * @throws ServingError INVALID_ARGUMENT for a key that comes twice, a vector that is empty, of another length than the
 * first or not of finite numbers, no vectors at all, or a bad option
 */
export function embeddings(entries: VectorEntries, options: EmbeddingsOptions = {}): Loader<EmbeddingIndex> {
  const defaults = defaultsOf(options);
  const vectors = vectorsOf(entries);
  return {
    estimateResources: () => ({ memoryBytes: vectors.memoryBytes }),
    async load({ id, signal }) {
      signal.throwIfAborted();
      return loadedIndex(id, vectors, defaults);
    },
  };
}

/**
 * Makes loaders of vectors from files of lines: a key, then its numbers, with spaces or tabs between, in UTF-8, as
 * word2vec, GloVe and fastText write them as text. A line with a number that is not finite in float32, with more or
 * fewer numbers than the first, or with a key that has come before fails the load (DATA_LOSS) with file and line.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function embeddingsFiles(options: EmbeddingsFilesOptions = {}): (files: ModelFiles) => Loader<EmbeddingIndex> {
  const { file, header, maxLineBytes = MAX_LINE_BYTES } = options;
  checkMaxLineBytes(maxLineBytes);
  const defaults = defaultsOf(options);
  const choice = { wanted: file, usual: "vectors.txt" };
  return (files) => ({
    // A number takes 4 bytes and its text about 8; while the array grows there are two of it.
    estimateResources: (context) =>
      withFile({ files, choice }, context, (_, { sizeBytes }) => ({ memoryBytes: sizeBytes })),
    async load(context) {
      const vectors = await withFile({ files, choice }, context, async (open, entry) => {
        const reader = vectorReader({ sizeBytes: entry.sizeBytes, header });
        await eachLine({ files: open, entry, maxLineBytes }, context, reader.onLine);
        try {
          return reader.vectors();
        } catch (error) {
          throw nameError(error, entry.name, "DATA_LOSS");
        }
      });
      return loadedIndex(context.id, vectors, defaults);
    },
  });
}

function defaultsOf({ metric = "cosine", k = 10 }: EmbeddingsOptions): SearchDefaults {
  checkSearch({ metric, k }, "embeddings");
  return { metric, k };
}

function loadedIndex(id: ServableId, vectors: Vectors, defaults: SearchDefaults): Loaded<EmbeddingIndex> {
  const { keys, dim, memoryBytes } = vectors;
  return {
    servable: makeEmbeddingIndex(id, vectors, defaults),
    resources: { memoryBytes },
    describe: () => ({ entries: keys.length, dim, bytes: memoryBytes, metric: defaults.metric }),
    async [Symbol.asyncDispose]() {},
  };
}
