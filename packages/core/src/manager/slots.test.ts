import { describe, expect, it } from "vitest";
import { createSlots } from "./slots.js";

function line(count: number): {
  ask: (name: string) => { cancel(): void };
  started: string[];
  free: (name: string) => void;
} {
  const slots = createSlots(count);
  const started: string[] = [];
  const held = new Map<string, (() => void)[]>();
  return {
    started,
    ask: (name) =>
      slots.request(name, {
        start: (free) => {
          started.push(name);
          held.set(name, [...(held.get(name) ?? []), free]);
        },
      }),
    free: (name) => held.get(name)?.shift()?.(),
  };
}

describe("slots", () => {
  it("are given out at once while there are any", () => {
    const { ask, started } = line(2);
    for (const name of ["a", "b", "c"]) ask(name);
    expect(started).toEqual(["a", "b"]);
  });

  it("go round the names, so that one with many loads does not starve the others", () => {
    const { ask, started, free } = line(1);
    for (const name of ["a", "a", "a", "b", "c"]) ask(name);
    for (const name of ["a", "a", "b", "c"]) free(name);
    expect(started).toEqual(["a", "a", "b", "c", "a"]);
  });

  it("are not given to one who has left the line", () => {
    const { ask, started, free } = line(1);
    ask("a");
    const waiting = ask("b");
    ask("c");
    waiting.cancel();
    free("a");
    expect(started).toEqual(["a", "c"]);
  });

  it("are freed once, however often that is said", () => {
    const slots = createSlots(1);
    const frees: (() => void)[] = [];
    for (const name of ["a", "b", "c"]) slots.request(name, { start: (free) => frees.push(free) });
    frees[0]?.();
    frees[0]?.();
    expect(frees).toHaveLength(2);
  });

  it("may be freed at once by the one who gets them", () => {
    const slots = createSlots(1);
    let started = 0;
    for (let index = 0; index < 1_000; index++) {
      slots.request(`m${index % 3}`, {
        start: (free) => {
          started++;
          free();
        },
      });
    }
    expect(started).toBe(1_000);
  });

  it("pass over who does not fit, who gets one when that changes", () => {
    const slots = createSlots(1);
    const started: string[] = [];
    let room = false;
    slots.request("large", { start: () => started.push("large"), fits: () => room });
    slots.request("small", { start: (free) => (started.push("small"), free()) });
    slots.look();
    expect(started).toEqual(["small"]);
    room = true;
    slots.look();
    slots.look();
    expect(started).toEqual(["small", "large"]);
  });
});
