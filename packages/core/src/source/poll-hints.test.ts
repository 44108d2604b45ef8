import { Observable, of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { pollStage } from "../testing/poll-stage.js";
import { turn } from "../testing/stage.js";

describe("hints", () => {
  it("make the next look come after a moment, and those in that moment are the same hint", async () => {
    const hint$ = new Subject<void>();
    const stage = pollStage({ minMs: 1_000, hint$ });
    await stage.ends({});
    hint$.next();
    stage.clock.advance(30);
    hint$.next();
    expect(await stage.pause()).toBe(20);
    await stage.ends({});
    expect(await stage.pause()).toBe(2_000);
  });

  it("during a look make one more look after it", async () => {
    const hint$ = new Subject<void>();
    const stage = pollStage({ minMs: 1_000, maxMs: 1_000, hint$ });
    hint$.next();
    hint$.next();
    stage.clock.advance(60_000);
    await stage.ends({});
    expect(await stage.pause()).toBe(50);
    await stage.ends({});
    expect(await stage.pause()).toBe(1_000);
  });

  it("cut the pause after a failure short, too", async () => {
    const hint$ = new Subject<void>();
    const stage = pollStage({ minMs: 1_000, hint$ });
    await stage.ends({ fail: "x" });
    hint$.next();
    expect(await stage.pause()).toBe(50);
  });

  it("that are said at once are no news to the look that follows", async () => {
    const stage = pollStage({ minMs: 1_000, hint$: of(1, 2) });
    await stage.ends({});
    expect(await stage.pause()).toBe(1_000);
  });

  it("that fail are asked for anew before the next look; those that are over are not", async () => {
    const log: string[] = [];
    const endings = ["error", "nothing", "complete"];
    const hint$ = new Observable<void>((subscriber) => {
      log.push(`hints ${endings[0]}`);
      if (endings[0] === "error") subscriber.error(new Error("no hints"));
      if (endings[0] === "complete") subscriber.complete();
      if (endings[0] === "nothing") lost = () => subscriber.error(new Error("lost"));
      endings.shift();
      return () => log.push("end");
    });
    let lost = (): void => {};
    const stage = pollStage({ minMs: 10, maxMs: 10, hint$ });
    for (let look = 0; look < 5; look++) {
      log.push("look");
      if (look === 2) lost();
      await stage.ends({});
      stage.clock.advance(10);
      await turn();
    }
    expect(log).toEqual([
      "hints error",
      "end",
      "look",
      "hints nothing",
      "look",
      "look",
      "end",
      "hints complete",
      "end",
      "look",
      "look",
    ]);
    expect(stage.warnings).toEqual([]);
  });

  it("end with the subscription", () => {
    const hint$ = new Subject<void>();
    const stage = pollStage({ hint$ });
    expect(hint$.observed).toBe(true);
    stage.subscription.unsubscribe();
    expect(hint$.observed).toBe(false);
  });

  it("may come from an async iterable", async () => {
    async function* hints() {
      yield* [1];
      await new Promise(() => {});
    }
    const stage = pollStage({ minMs: 1_000, hint$: hints() });
    await turn();
    await stage.ends({});
    expect(await stage.pause()).toBe(50);
  });
});
