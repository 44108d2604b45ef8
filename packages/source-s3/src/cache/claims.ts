import { open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../fetch/retry.js";
import { formatOwner, isRunning, newOwner, parseOwner } from "./owner.js";

/** Something of a cache that a process holds until disposal, or its end. */
export interface Claim extends AsyncDisposable {
  /** As it stands in file names. */
  readonly owner: string;
}

/** A claim of another machine counts as long as it is renewed this often, three times over. */
const RENEW_MS = 10_000;
const FORGOTTEN_MS = 3 * RENEW_MS;

/**
 * Locks and leases on entries of a cache, of all processes that share it. A claim is an empty file whose name says who
 * holds it, so it is whole from the first, and one left by a killed process can be told and removed: no name is ever
 * used twice.
 *
 * A lock is had by who finds no other one beside his own: of two who come at a time neither has it, and both try again.
 */
export interface Claims {
  /** Waits for the only lock on `key`. @throws the reason of the signal */
  lock(key: string, signal: AbortSignal): Promise<Claim>;
  /** The only lock, if nobody has it now. */
  tryLock(key: string): Promise<Claim | undefined>;
  /** One of many leases. */
  lease(key: string): Promise<Claim>;
  /** How many leases are held on `key`. */
  leases(key: string): Promise<number>;
}

/** Claims as files of `folder`. */
export function makeClaims(folder: string): Claims {
  const put = async (key: string, kind: string): Promise<Claim & { readonly name: string }> => {
    const owner = formatOwner(newOwner());
    const name = `${key}.${kind}.${owner}`;
    const path = join(folder, name);
    await (await open(path, "wx")).close();
    const renewing = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), RENEW_MS);
    renewing.unref();
    let gone: Promise<void> | undefined;
    return {
      owner,
      name,
      [Symbol.asyncDispose]() {
        clearInterval(renewing);
        gone ??= rm(path, { force: true });
        return gone;
      },
    };
  };
  const held = async (key: string, kind: string): Promise<readonly string[]> => {
    const beginning = `${key}.${kind}.`;
    const names = (await readdir(folder)).filter((name) => name.startsWith(beginning));
    const alive = await Promise.all(names.map((name) => isHeld(folder, name, name.slice(beginning.length))));
    return names.filter((_, index) => alive[index]);
  };
  const tryLock = async (key: string): Promise<Claim | undefined> => {
    const claim = await put(key, "lock");
    const others = (await held(key, "lock")).filter((name) => name !== claim.name);
    if (others.length === 0) return claim;
    await claim[Symbol.asyncDispose]();
    return undefined;
  };
  return {
    tryLock,
    async lock(key, signal) {
      for (let attempt = 0; ; attempt++) {
        signal.throwIfAborted();
        const lock = await tryLock(key);
        if (lock !== undefined) return lock;
        const longestMs = Math.min(500, 10 * 2 ** attempt);
        await pause(longestMs * (0.5 + Math.random() / 2), signal);
      }
    },
    lease: (key) => put(key, "lease"),
    leases: async (key) => (await held(key, "lease")).length,
  };
}

/** Whether who made a claim still holds it; what is left of one who does not is removed. */
async function isHeld(folder: string, name: string, ownerText: string): Promise<boolean> {
  const owner = parseOwner(ownerText);
  const path = join(folder, name);
  const running = owner === undefined ? false : isRunning(owner);
  if (running === true) return true;
  if (running === undefined) {
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) return false;
    if (Date.now() - stats.mtimeMs < FORGOTTEN_MS) return true;
  }
  await rm(path, { force: true });
  return false;
}
