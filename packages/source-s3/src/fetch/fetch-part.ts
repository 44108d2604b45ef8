import type { FileHandle } from "node:fs/promises";
import { type ObjectStore, StoreError } from "../store/object-store.js";
import type { Part } from "./parts.js";
import type { WantedFile } from "./wanted-file.js";

/** Bytes are gathered to this many before they are written. */
const WRITE_BYTES = 2 ** 20;

/** One transfer of a part. */
export interface PartTransfer {
  readonly store: ObjectStore;
  readonly wanted: WantedFile;
  readonly handle: FileHandle;
  readonly signal: AbortSignal;
  /** How long the store may say nothing. */
  readonly stallMs: number;
  /** Told of bytes that are written. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches bytes of a file to their place in it.
 * @returns where it ended: the end of the part, or less if it failed, then with the error
 */
export async function fetchPart(
  transfer: PartTransfer,
  { start, end }: Part,
): Promise<{ at: number; error?: unknown }> {
  const { store, wanted, handle, signal } = transfer;
  const stall = stallGuard(transfer);
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let at = start;
  const flush = async (): Promise<void> => {
    if (gatheredBytes === 0) return;
    const [chunks, length] = [gathered, gatheredBytes];
    gathered = [];
    gatheredBytes = 0;
    await writeAll(handle, chunks, at);
    at += length;
    transfer.onBytes(length);
  };
  try {
    const chunks = await store.get(wanted.key, { range: { start, end }, ifMatch: wanted.etag, signal: stall.signal });
    for await (const chunk of chunks) {
      stall.alive();
      // A server that knows no ranges would give everything.
      if (at + gatheredBytes + chunk.length > end)
        throw new StoreError("passing", `${wanted.key}: more bytes than asked for`);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes >= WRITE_BYTES) await flush();
    }
    await flush();
    if (at < end)
      throw new StoreError("passing", `${wanted.key}: the transfer ended after ${at - start} of ${end - start} bytes`);
    return { at };
  } catch (error) {
    signal.throwIfAborted();
    // A line that breaks all the time comes forward, too, if what it brought is kept.
    await flush();
    return { at, error: stall.signal.aborted ? stall.signal.reason : error };
  } finally {
    stall.end();
  }
}

/** Writes chunks one after another, as they are: putting them together first would copy every byte. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  for (let left = chunks, at = position; left.length > 0; ) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = afterBytes(left, bytesWritten);
  }
}

/** What is left of chunks after some of their bytes; a disk that fills up takes a part of them before it fails. */
function afterBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = count;
  const left: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (skipped < chunk.length) left.push(chunk.subarray(skipped));
    skipped = Math.max(0, skipped - chunk.length);
  }
  return left;
}

/** Aborts when nothing has come for too long, or `signal` aborts. */
function stallGuard({ signal, stallMs, wanted }: PartTransfer): {
  readonly signal: AbortSignal;
  alive(): void;
  end(): void;
} {
  const aborting = new AbortController();
  const onAbort = (): void => aborting.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const timer = setTimeout(() => {
    aborting.abort(new StoreError("passing", `${wanted.key}: no bytes for ${stallMs} ms`));
  }, stallMs);
  return {
    signal: aborting.signal,
    alive: () => void timer.refresh(),
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
