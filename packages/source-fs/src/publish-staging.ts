import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ServingError } from "@servable/core";

/** The host is part of the name, since a folder may be shared and a process id says nothing elsewhere. */
const HOST = encodeURIComponent(hostname());

const underWay = new Set<string>();

/** A folder to gather a version in, until it is released. */
export interface StagingClaim extends Disposable {
  readonly staging: string;
}

/**
 * Names the folder in which a version is gathered: beside the versions, so that a rename puts it in place, and no
 * number, so that nobody takes it for one.
 * @throws ServingError ALREADY_EXISTS if this process is publishing that version already
 */
export function claimStaging(base: string, version: number): StagingClaim {
  const staging = join(base, `.publishing-${version}-${process.pid}-${HOST}`);
  if (underWay.has(staging)) {
    throw new ServingError(
      "ALREADY_EXISTS",
      `${join(base, String(version))} is being published; publish another version`,
    );
  }
  underWay.add(staging);
  return { staging, [Symbol.dispose]: () => void underWay.delete(staging) };
}

/** Removes what processes of this host that are no more have left in a model's folder. */
export async function removeLeftovers(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const [, pid, host] = /^\.publishing-\d+-(\d+)-(.+)$/.exec(name) ?? [];
    if (pid === undefined || host !== HOST || isUnderWay(join(base, name), Number(pid))) continue;
    await rm(join(base, name), { recursive: true, force: true });
  }
}

function isUnderWay(staging: string, pid: number): boolean {
  // A process id comes back, in containers often the same one: of its own a process knows what it is doing.
  if (pid === process.pid) return underWay.has(staging);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, but is there.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
