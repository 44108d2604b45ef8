import { EMPTY, NEVER } from "rxjs";
import { expect, it } from "vitest";
import { pollStage } from "../testing/poll-stage.js";
import { pollSource } from "./poll-source.js";

it.each([
  ["an empty name", { name: "" }],
  ["a look that is no function", { look: 7 }],
  ["a minMs of 0", { minMs: 0 }],
  ["a minMs that is no number", { minMs: Number.NaN }],
  ["a minMs that is text", { minMs: "1000" }],
  ["a maxMs that no timer can wait for", { maxMs: 2 ** 31 }],
  ["a maxMs that is shorter than minMs", { maxMs: 5, minMs: 10 }],
  ["a negative jitter", { jitter: -0.1 }],
  ["a jitter above 1", { jitter: 2 }],
  ["a timeoutMs of 0", { timeoutMs: 0 }],
  ["a timeoutMs that no timer can wait for", { timeoutMs: 2 ** 31 }],
])("%s is refused by the factory", (_, wrong) => {
  // As from plain JavaScript, where no compiler has looked at them.
  const options = { name: "m", look: async () => undefined, ...wrong } as Parameters<typeof pollSource>[0];
  const message = expect.stringContaining(Object.keys(wrong)[0] ?? "");
  expect(() => pollSource(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
});

it.each([
  ["minMs alone moves maxMs", { minMs: 60_000 }, [60_000, 60_000]],
  ["maxMs alone moves minMs", { maxMs: 10 }, [10, 10]],
  ["neither", { hint$: EMPTY }, [1_000, 2_000]],
  ["an explicit undefined", { minMs: undefined, maxMs: undefined, hint$: NEVER }, [1_000, 2_000]],
])("the defaults fit: %s", async (_, options, expected) => {
  const stage = pollStage(options);
  await stage.ends({});
  const pauses = [await stage.pause()];
  await stage.ends({});
  expect([...pauses, await stage.pause()]).toEqual(expected);
});
