import { appendFile, type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Progress } from "@servable/core";
import type { ObjectStore } from "../store/object-store.js";
import { StoreError } from "../store/object-store.js";
import { digestThread, LARGE_BYTES } from "./digest-thread.js";
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
  await using digests = digestThread();
  const tasks = taskGroup(aborting);
  const handles = new Map<number, Promise<FileHandle>>();
  /** Open from a file's first part until it is on the disk, since of many files not all can be open at a time. */
  const handleOf = (index: number, file: WantedFile): Promise<FileHandle> => {
    const handle = handles.get(index) ?? openFile(join(folder, "files"), file);
    handles.set(index, handle);
    return handle;
  };
  try {
    const open = files.map(
      (_, file) => parts.filter((part) => part.file === file && !done.has(formatPart(part))).length,
    );
    const results: (FetchedFile | undefined)[] = files.map(() => undefined);
    const queue = parts.filter((part) => !done.has(formatPart(part)));

    const fetchOne = async (part: Part): Promise<void> => {
      const wanted = files[part.file];
      if (wanted === undefined) return;
      const handle = await handleOf(part.file, wanted);
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
      const wanted = files[index];
      if (wanted === undefined) return;
      const { name, key, sizeBytes } = wanted;
      const handle = await handleOf(index, wanted);
      const expected = expectedDigest(wanted) ?? (await askedDigest(job, wanted, signal));
      const algorithm = expected?.algorithm ?? "sha256";
      const path = join(folder, "files", ...name.split("/"));
      for (let attempt = 1; ; attempt++) {
        const digest = await digests.digest({ path, sizeBytes, algorithm }, signal);
        if (expected === undefined || digest === expected.digest) {
          await handle.datasync();
          await handle.close();
          handles.delete(index);
          results[index] = { name, sizeBytes, algorithm, digest, verified: expected !== undefined };
          return;
        }
        if (attempt >= FLIPPED_TRIES) {
          throw new StoreError(
            "passing",
            `${key}: its ${algorithm} is ${digest}, not ${expected.digest}, at each of ${attempt} transfers`,
          );
        }
        for (const part of parts) if (part.file === index) await fetchOne(part);
      }
    };
    const work = async (): Promise<void> => {
      for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
        signal.throwIfAborted();
        await fetchOne(part);
        const { file } = part;
        open[file] = (open[file] ?? 1) - 1;
        if (open[file] !== 0) continue;
        // A large file is summed up elsewhere, and transfers go on meanwhile.
        if ((files[file]?.sizeBytes ?? 0) >= LARGE_BYTES) tasks.run(() => finish(file));
        else await finish(file);
      }
    };
    // Of these nothing is to be fetched: they are empty, or an earlier fetch has brought them.
    const whole = files.flatMap((_, index) => (open[index] === 0 ? [index] : []));
    tasks.run(async () => {
      for (const index of whole) await finish(index);
    });
    for (let lane = 0; lane < settings.concurrency; lane++) tasks.run(work);
    await tasks.ended();
    outer.throwIfAborted();
    return results.filter((each) => each !== undefined);
  } finally {
    outer.removeEventListener("abort", abort);
    for (const handle of handles.values()) await handle.then((each) => each.close()).catch(() => {});
  }
}

/** Tasks side by side. */
interface TaskGroup {
  run(work: () => Promise<void>): void;
  /** Resolves when all have ended. @throws the first failure, which has aborted the others */
  ended(): Promise<void>;
}

function taskGroup(aborting: AbortController): TaskGroup {
  const running = new Set<Promise<void>>();
  let first: { readonly error: unknown } | undefined;
  return {
    run(work) {
      const task = work()
        .catch((error: unknown) => {
          first ??= { error };
          aborting.abort(error);
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    async ended() {
      while (running.size > 0) await Promise.all(running);
      if (first !== undefined) throw first.error;
    },
  };
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
