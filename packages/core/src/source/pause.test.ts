import { expect, it } from "vitest";
import { manualClock } from "../testing/manual-clock.js";
import { makePause } from "./pause.js";

function pauseOf(): {
  clock: ReturnType<typeof manualClock>;
  pause: ReturnType<typeof makePause>;
  ended: () => Promise<boolean>;
  wait(ms: number): void;
} {
  const clock = manualClock();
  const pause = makePause(clock);
  let over = false;
  return {
    clock,
    pause,
    wait(ms) {
      over = false;
      void pause.wait(ms).then(() => {
        over = true;
      });
    },
    // One turn of the microtask queue is all that a resolved promise takes.
    async ended() {
      await Promise.resolve();
      return over;
    },
  };
}

it("lasts as long as it was asked to", async () => {
  const { clock, wait, ended } = pauseOf();
  wait(1_000);
  clock.advance(999);
  expect(await ended()).toBe(false);
  clock.advance(1);
  expect(await ended()).toBe(true);
  expect(clock.scheduled).toBe(0);
});

it("is cut down to a moment by a hint, once for a swarm of hints", async () => {
  const { clock, pause, wait, ended } = pauseOf();
  wait(1_000);
  clock.advance(500);
  pause.hint();
  clock.advance(40);
  pause.hint();
  clock.advance(9);
  expect(await ended()).toBe(false);
  clock.advance(1);
  expect(await ended()).toBe(true);
});

it("is never made longer by a hint", async () => {
  const { clock, pause, wait, ended } = pauseOf();
  wait(1_000);
  clock.advance(990);
  pause.hint();
  clock.advance(10);
  expect(await ended()).toBe(true);
});

it("remembers a hint that comes while nobody waits, for one wait", async () => {
  const { clock, pause, wait, ended } = pauseOf();
  pause.hint();
  wait(1_000);
  clock.advance(50);
  expect(await ended()).toBe(true);
  wait(1_000);
  clock.advance(50);
  expect(await ended()).toBe(false);
});

it("ends when stopped, and leaves no timer", async () => {
  const { clock, pause, wait, ended } = pauseOf();
  wait(1_000);
  pause.stop();
  expect(await ended()).toBe(true);
  expect(clock.scheduled).toBe(0);
  pause.stop();
});
