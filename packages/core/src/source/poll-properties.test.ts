import fc from "fast-check";
import { Subject } from "rxjs";
import { expect, it } from "vitest";
import { found, type PollStage, pollStage } from "../testing/poll-stage.js";
import { turn } from "../testing/stage.js";
import { sameList } from "./same-list.js";
import type { AspiredVersions } from "./source.js";

const TIMEOUT_MS = 1_000;

/** What happens next; what does not fit the moment does nothing. */
type Step =
  | { readonly do: "find"; readonly list: AspiredVersions<string> | undefined }
  | { readonly do: "fail"; readonly reason: string }
  | { readonly do: "hint" | "unsubscribe" }
  | { readonly do: "wait"; readonly ms: number };

const list = fc.constantFrom(
  found({}),
  found({ 1: "a" }),
  found({ 1: "b" }),
  found({ 1: "a", 2: "a" }),
  { ...found({ 1: "a" }), notes: ["of the look"] },
  { ...found({ 1: "a" }), skipped: [{ entry: "x", reason: "no version" }] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("find" as const), list: fc.option(list, { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fail" as const), reason: fc.constantFrom("x", "y") }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: "hint" }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 49, 50, 100, TIMEOUT_MS, 10_000) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "unsubscribe" }) },
);

/** What must have been said, as the rules have it. */
class Model {
  readonly lists: AspiredVersions<string>[] = [];
  readonly warnings: string[] = [];
  #found: AspiredVersions<string> | undefined;
  #trouble: string | undefined;

  find(list: AspiredVersions<string> | undefined): void {
    this.#found = list ?? this.#found;
    this.#trouble = undefined;
    this.#say();
  }

  fail(reason: string): void {
    const trouble = `the look failed: ${reason}; it is tried again, and what was found before stays`;
    if (trouble !== this.#trouble) this.warnings.push(`m: ${trouble}`);
    this.#trouble = trouble;
    this.#say();
  }

  #say(): void {
    if (this.#found === undefined) return;
    const { notes = [] } = this.#found;
    const list = this.#trouble === undefined ? this.#found : { ...this.#found, notes: [...notes, this.#trouble] };
    const last = this.lists.at(-1);
    if (last === undefined || !sameList(last, list)) this.lists.push(list);
  }
}

/** Does one step to the source and to the model. */
async function play(step: Step, { stage, hint$, model }: { stage: PollStage; hint$: Subject<void>; model: Model }) {
  const look = stage.running > 0 ? stage.looks.at(-1) : undefined;
  const late = look?.context.signal.aborted === true;
  switch (step.do) {
    case "find":
      look?.find(step.list);
      if (look !== undefined && !late) model.find(step.list);
      break;
    case "fail":
      look?.fail(new Error(step.reason));
      if (look !== undefined && !late) model.fail(step.reason);
      break;
    case "hint":
      hint$.next();
      break;
    case "wait":
      stage.clock.advance(step.ms);
      if (look?.context.signal.aborted === true && !late) {
        model.fail(`looking for m takes longer than timeoutMs, ${TIMEOUT_MS}`);
      }
      break;
    case "unsubscribe":
      stage.subscription.unsubscribe();
      break;
  }
  await turn();
}

const history = fc.array(step, { minLength: 1, maxLength: 40 });

it("emits the lists that were found, each with the trouble of its time, never two looks at once, and leaves nothing behind", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const hint$ = new Subject<void>();
      const stage = pollStage({
        minMs: 100,
        maxMs: 5_000,
        timeoutMs: TIMEOUT_MS,
        jitter: 0.3,
        hint$,
        random: () => 0.5,
      });
      const model = new Model();
      for (const each of steps) {
        if (stage.subscription.closed) break;
        await play(each, { stage, hint$, model });
        expect(stage.running).toBeLessThanOrEqual(1);
        expect(stage.lists).toEqual(model.lists);
        expect(stage.warnings).toEqual(model.warnings);
        expect(stage.end()).toBeUndefined();
        // It waits for a look, for the time to look again, or for nothing more.
        const open = stage.looks.at(-1)?.context.signal.aborted === true && stage.running > 0 ? 0 : 1;
        expect(stage.clock.scheduled).toBe(stage.subscription.closed ? 0 : open);
      }
      stage.subscription.unsubscribe();
      const looks = stage.looks.length;
      if (stage.running > 0) {
        expect(stage.looks.at(-1)?.context.signal.aborted).toBe(true);
        stage.looks.at(-1)?.find(found({ 9: "late" }));
      }
      hint$.next();
      stage.clock.advance(100_000);
      await turn();
      expect([stage.clock.scheduled, stage.looks.length, hint$.observed]).toEqual([0, looks, false]);
      expect(stage.lists).toEqual(model.lists);
    }),
  );
});

it("looks again in time, whatever happened: within maxMs, or a moment after a hint", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const hint$ = new Subject<void>();
      const stage = pollStage({ minMs: 100, maxMs: 5_000, timeoutMs: TIMEOUT_MS, hint$ });
      const model = new Model();
      for (const each of steps) if (each.do !== "unsubscribe") await play(each, { stage, hint$, model });
      if (stage.running > 0) await play({ do: "find", list: undefined }, { stage, hint$, model });
      let looks = stage.looks.length;
      await play({ do: "wait", ms: 5_000 }, { stage, hint$, model });
      expect(stage.looks).toHaveLength(++looks);
      await play({ do: "find", list: undefined }, { stage, hint$, model });
      await play({ do: "hint" }, { stage, hint$, model });
      await play({ do: "wait", ms: 50 }, { stage, hint$, model });
      expect(stage.looks).toHaveLength(++looks);
      stage.subscription.unsubscribe();
    }),
  );
});
