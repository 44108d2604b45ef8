import { describe, expect, it } from "vitest";
import { type SharedValue, shared } from "./shared.js";

interface Making {
  readonly signal: AbortSignal;
  succeed(): void;
  fail(error: Error): void;
}

/** A shared number, made and released when the test says so. */
function world(): {
  makings: Making[];
  released: number[];
  hold: (signal?: AbortSignal) => Promise<SharedValue<number>>;
  holders: () => number;
} {
  const makings: Making[] = [];
  const released: number[] = [];
  const resource = shared("vocabulary", (signal) => {
    const value = makings.length + 1;
    return new Promise<SharedValue<number>>((resolve, reject) => {
      const made = { value, [Symbol.asyncDispose]: async () => void released.push(value) };
      makings.push({ signal, succeed: () => resolve(made), fail: reject });
    });
  });
  return { makings, released, hold: (signal) => resource.hold(signal), holders: () => resource.holders };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a shared resource", () => {
  it("is made once for all who ask, and released after the last", async () => {
    const { makings, released, hold, holders } = world();
    const asked = [hold(), hold(), hold()];
    await turn();
    expect([makings.length, holders()]).toEqual([1, 3]);
    makings[0]?.succeed();
    const held = await Promise.all(asked);
    expect(held.map(({ value }) => value)).toEqual([1, 1, 1]);
    await held[0]?.[Symbol.asyncDispose]();
    await held[0]?.[Symbol.asyncDispose]();
    await held[1]?.[Symbol.asyncDispose]();
    expect([released, holders()]).toEqual([[], 1]);
    await held[2]?.[Symbol.asyncDispose]();
    expect([released, holders()]).toEqual([[1], 0]);
  });

  it("is made anew for the next holder, but not before the one before it is released", async () => {
    const { makings, released, hold } = world();
    const first = hold();
    await turn();
    makings[0]?.succeed();
    const release = (await first)[Symbol.asyncDispose]();
    const second = hold();
    await release;
    await turn();
    expect([makings.length, released]).toEqual([2, [1]]);
    makings[1]?.succeed();
    expect((await second).value).toBe(2);
  });

  it("that cannot be made fails for all who wait, and is tried anew by the next", async () => {
    const { makings, released, hold, holders } = world();
    const asked = [hold(), hold()];
    await turn();
    makings[0]?.fail(new Error("no file"));
    for (const each of asked) await expect(each).rejects.toThrow("no file");
    expect(holders()).toBe(0);
    const again = hold();
    await turn();
    makings[1]?.succeed();
    expect((await again).value).toBe(2);
    expect(released).toEqual([]);
  });

  it("goes on being made while anyone waits, and is aborted and released when nobody does", async () => {
    const { makings, released, hold } = world();
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [hold(one.signal), hold(other.signal)];
    await turn();
    one.abort(new Error("gone"));
    await expect(asked[0]).rejects.toThrow("gone");
    expect(makings[0]?.signal.aborted).toBe(false);
    other.abort(new Error("gone, too"));
    await expect(asked[1]).rejects.toThrow("gone, too");
    expect(makings[0]?.signal.aborted).toBe(true);
    // A factory that does not hear the abort: what still comes is released.
    makings[0]?.succeed();
    await turn();
    expect(released).toEqual([1]);
  });

  it("is not asked for by who has aborted already", async () => {
    const { makings, hold, holders } = world();
    await expect(hold(AbortSignal.abort(new Error("early")))).rejects.toThrow("early");
    expect([makings.length, holders()]).toEqual([0, 0]);
  });

  it("whose factory throws at once fails like any other", async () => {
    const resource = shared("x", () => {
      throw new Error("at once");
    });
    await expect(resource.hold()).rejects.toThrow("at once");
    await expect(resource.hold()).rejects.toThrow("at once");
  });
});
