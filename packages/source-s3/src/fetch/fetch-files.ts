import { appendFile, type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Progress } from "@servable/core";
import type { ObjectStore } from "../store/object-store.js";
import { StoreError } from "../store/object-store.js";
import { digestHandle } from "./digest-file.js";
import { type Digest, expectedDigest } from "./expected-digest.js";
import { fetchPart } from "./fetch-part.js";
import { formatPart, type Part, parseJournal, partsOf } from "./parts.js";
import { type Tries, waitToRetry, withTries } from "./retry.js";
import type { WantedFile } from "./wanted-file.js";

/** How files are fetched. */
export interface FetchSettings {
  /** Requests at a time. */
  readonly concurrency: number;
  readonly partBytes: number;
  readonly tries: Tries;
  readonly stallMs: number;
}

/** A folder to be filled. */
export interface FetchJob {
  readonly store: ObjectStore;
  readonly files: readonly WantedFile[];
  /** Holds `files/`, and the journal of the parts that are on the disk; an earlier fetch may have begun. */
  readonly folder: string;
  readonly settings: FetchSettings;
  readonly signal: AbortSignal;
  report(progress: Progress): void;
}

/** A file on the disk, and what its bytes sum up to. */
export interface FetchedFile extends Digest {
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether the store, or a manifest, said beforehand what they sum up to. */
  readonly verified: boolean;
}

/** How often a file is fetched whose bytes do not sum up to what they should. */
const FLIPPED_TRIES = 3;

/**
 * Fetches files in parallel ranges, resumes what was begun, verifies every file and syncs it to the disk.
 * @throws StoreError `changed` if an object is not the one that was listed any more, `passing` if the store does not
 * give the bytes that it promised; what the file system throws; the reason of the signal
 */
export async function fetchFiles(job: FetchJob): Promise<readonly FetchedFile[]> {
  const { files, folder, settings, signal: outer } = job;
  const aborting = new AbortController();
  const abort = (): void => aborting.abort(outer.reason);
  outer.addEventListener("abort", abort, { once: true });
  const signal = aborting.signal;
  const journal = join(folder, "parts.log");
  const done = parseJournal(await readFile(journal, "utf8").catch(() => ""));
  const parts = partsOf(
    files.map(({ sizeBytes }) => sizeBytes),
    settings.partBytes,
  );
  const meter = progressMeter(
    job,
    parts.filter((part) => done.has(formatPart(part))),
  );
  const handles: FileHandle[] = [];
  try {
    for (const file of files) handles.push(await openFile(join(folder, "files"), file));
    const open = handles.map(
      (_, file) => parts.filter((part) => part.file === file && !done.has(formatPart(part))).length,
    );
    const results: (FetchedFile | undefined)[] = files.map(() => undefined);
    const queue = parts.filter((part) => !done.has(formatPart(part)));

    const fetchOne = async (part: Part): Promise<void> => {
      const [wanted, handle] = [files[part.file], handles[part.file]];
      if (wanted === undefined || handle === undefined) return;
      const transfer = { store: job.store, wanted, handle, signal, stallMs: settings.stallMs, onBytes: meter.add };
      for (let start = part.start, attempt = 1; start < part.end; ) {
        const { at, error } = await fetchPart(transfer, { ...part, start });
        if (error === undefined) break;
        // Tries are counted as long as they bring nothing.
        attempt = at > start ? 1 : attempt;
        start = at;
        if (start < part.end) await waitToRetry(error, attempt++, { tries: settings.tries, signal });
      }
      await appendFile(journal, formatPart(part));
    };
    const finish = async (index: number): Promise<void> => {
      const [wanted, handle] = [files[index], handles[index]];
      if (wanted === undefined || handle === undefined) return;
      const expected = expectedDigest(wanted) ?? (await askedDigest(job, wanted, signal));
      for (let attempt = 1; ; attempt++) {
        const algorithm = expected?.algorithm ?? "sha256";
        const digest = await digestHandle(handle, algorithm, signal);
        if (expected === undefined || digest === expected.digest) {
          await handle.datasync();
          results[index] = {
            name: wanted.name,
            sizeBytes: wanted.sizeBytes,
            algorithm,
            digest,
            verified: expected !== undefined,
          };
          return;
        }
        if (attempt >= FLIPPED_TRIES) {
          throw new StoreError(
            "passing",
            `${wanted.key}: its ${algorithm} is ${digest}, not ${expected.digest}, at each of ${attempt} transfers`,
          );
        }
        for (const part of parts) if (part.file === index) await fetchOne(part);
      }
    };
    const work = async (): Promise<void> => {
      for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
        signal.throwIfAborted();
        await fetchOne(part);
        open[part.file] = (open[part.file] ?? 1) - 1;
        if (open[part.file] === 0) await finish(part.file);
      }
    };
    const whole = files.flatMap((_, index) => (open[index] === 0 ? [index] : []));
    await allOrFirstError([...Array.from({ length: settings.concurrency }, work), finishEach(whole, finish)], aborting);
    outer.throwIfAborted();
    return results.filter((each) => each !== undefined);
  } finally {
    outer.removeEventListener("abort", abort);
    for (const handle of handles) await handle.close();
  }
}

/** Files of which nothing is to be fetched: empty ones, and those that an earlier fetch has brought. */
async function finishEach(indices: readonly number[], finish: (index: number) => Promise<void>): Promise<void> {
  for (const index of indices) await finish(index);
}

/** Waits until all have ended; the first failure aborts the others and comes out. */
async function allOrFirstError(works: readonly Promise<void>[], aborting: AbortController): Promise<void> {
  let first: { readonly error: unknown } | undefined;
  await Promise.all(
    works.map((work) =>
      work.catch((error: unknown) => {
        first ??= { error };
        aborting.abort(error);
      }),
    ),
  );
  if (first !== undefined) throw first.error;
}

/** The digest of an object whose etag is none: a request for each, and a store that keeps none is no fault. */
async function askedDigest(
  { store, settings: { tries } }: FetchJob,
  wanted: WantedFile,
  signal: AbortSignal,
): Promise<Digest | undefined> {
  if (wanted.sizeBytes === 0) return undefined;
  return withTries(() => store.checksum(wanted.key, { ifMatch: wanted.etag, signal }), { tries, signal });
}

async function openFile(folder: string, { name, sizeBytes }: WantedFile): Promise<FileHandle> {
  const path = join(folder, ...name.split("/"));
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, "r+").catch(() => open(path, "w+"));
  await handle.truncate(sizeBytes);
  return handle;
}

interface Meter {
  readonly add: (bytes: number) => void;
}

/** Reports at every percent; bytes that had to be fetched twice count once. */
function progressMeter(job: FetchJob, before: readonly Part[]): Meter {
  const total = job.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = before.reduce((sum, { start, end }) => sum + end - start, 0);
  let told = -1;
  const tell = (): void => {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    if (percent <= told) return;
    told = percent;
    job.report({ stage: "download", done, total, unit: "bytes" });
  };
  tell();
  return {
    add(bytes) {
      done = Math.min(total, done + bytes);
      tell();
    },
  };
}
