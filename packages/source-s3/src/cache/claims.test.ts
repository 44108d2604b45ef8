import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import { makeClaims } from "./claims.js";
import { formatOwner, isRunning, newOwner, parseOwner } from "./owner.js";

const never = new AbortController().signal;

describe("locks", () => {
  it("are had by one at a time, of however many", async () => {
    await using folder = await tempFolder();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      // Each with claims of its own, as in processes of their own.
      await using _ = await makeClaims(folder.path).lock("key", never);
      most = Math.max(most, ++inside);
      await readdir(folder.path);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(most).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("are not had while another has them, and no key stands in the way of another", async () => {
    await using folder = await tempFolder();
    const claims = makeClaims(folder.path);
    const lock = await claims.tryLock("key");
    expect(await claims.tryLock("key")).toBeUndefined();
    await using other = await claims.tryLock("ke");
    expect(other).toBeDefined();
    const aborting = new AbortController();
    const waiting = claims.lock("key", aborting.signal);
    aborting.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await lock?.[Symbol.asyncDispose]();
    await using again = await claims.tryLock("key");
    expect(again).toBeDefined();
  });

  it("and leases of a killed process are gone", async () => {
    await using folder = await tempFolder();
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
    await once(child, "spawn");
    const { pid = 0 } = child;
    const started = await startedAt(pid);
    const owner = { ...newOwner(), pid, ...(started !== undefined && { started }) };
    await writeFile(folder.at(`key.lock.${formatOwner(owner)}`), "");
    await writeFile(folder.at(`key.lease.${formatOwner(owner)}`), "");
    const claims = makeClaims(folder.path);
    expect(await claims.tryLock("key")).toBeUndefined();
    expect(await claims.leases("key")).toBe(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await claims.leases("key")).toBe(0);
    await using lock = await claims.tryLock("key");
    expect(lock).toBeDefined();
    expect(await readdir(folder.path)).toHaveLength(1);
  });

  it("of another machine count as long as they are renewed", async () => {
    await using folder = await tempFolder();
    const name = `key.lease.${formatOwner({ ...newOwner(), machine: "0123456789ab" })}`;
    await writeFile(folder.at(name), "");
    const claims = makeClaims(folder.path);
    expect(await claims.leases("key")).toBe(1);
    await utimes(folder.at(name), new Date(), new Date(Date.now() - 120_000));
    expect(await claims.leases("key")).toBe(0);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("that nobody could have made are none", async () => {
    await using folder = await tempFolder();
    await writeFile(folder.at("key.lock.somebody"), "");
    await using lock = await makeClaims(folder.path).tryLock("key");
    expect(lock).toBeDefined();
  });
});

describe("an owner", () => {
  it("comes back when it is written and read", () => {
    const owner = newOwner();
    expect(parseOwner(formatOwner(owner))).toEqual(owner);
    expect(parseOwner("x")).toBeUndefined();
    expect(isRunning(owner)).toBe(true);
  });

  it.skipIf(process.platform !== "linux")("is not another process that has got its number", () => {
    expect(isRunning({ ...newOwner(), started: "1" })).toBe(false);
  });
});

/** When a process was started, as the system counts. */
async function startedAt(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
