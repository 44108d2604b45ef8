import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who holds something in a cache, as a part of a file name: machine, process, start of the process, and a random part
 * for each thing held. A process number alone would be taken for another process after a restart.
 */
export interface Owner {
  readonly machine: string;
  readonly pid: number;
  readonly started: string;
  readonly serial: string;
}

/** The machine and process that this runs in, for a new thing. */
export function newOwner(): Owner {
  return {
    machine: MACHINE,
    pid: process.pid,
    started: startOf(process.pid) ?? "0",
    serial: randomBytes(6).toString("hex"),
  };
}

export function formatOwner({ machine, pid, started, serial }: Owner): string {
  return `${machine}-${pid}-${started}-${serial}`;
}

export function parseOwner(text: string): Owner | undefined {
  const [, machine = "", pid = "", started = "", serial = ""] =
    /^([0-9a-f]{12})-(\d+)-(\d+)-([0-9a-f]{12})$/.exec(text) ?? [];
  return machine === "" ? undefined : { machine, pid: Number(pid), started, serial };
}

/** Whether the process of an owner still runs; undefined for one of another machine, of which nobody here knows. */
export function isRunning({ machine, pid, started }: Owner): boolean | undefined {
  if (machine !== MACHINE) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return (startOf(pid) ?? started) === started;
}

/** This machine since it was started, and the container that sees these process numbers. */
export const MACHINE: string = createHash("sha256")
  .update(JSON.stringify([hostname(), textOf("/proc/sys/kernel/random/boot_id"), linkOf("/proc/self/ns/pid")]))
  .digest("hex")
  .slice(0, 12);

/** When a process was started, in ticks since the machine was, where the system tells. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name of the program, in parentheses, may hold blanks.
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
