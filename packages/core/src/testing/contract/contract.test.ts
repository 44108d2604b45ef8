import { describe, expect, it } from "vitest";
import { contractOf, needing } from "./contract.js";

const ran: string[] = [];
const work = (name: string) => async () => void ran.push(name);
const make = (skip?: Record<string, string>, hook?: () => string) =>
  contractOf(
    "aContract",
    {
      "does this": work("this"),
      "does that": needing({ hook }, async ({ hook }) => void ran.push(hook())),
    },
    { skip },
  );

describe("a contract", () => {
  it("is a list of cases, each run on its own", async () => {
    const cases = make({}, () => "that");
    expect(cases.map(({ name, skipped }) => [name, skipped])).toEqual([
      ["does this", undefined],
      ["does that", undefined],
    ]);
    for (const { run } of cases) await run();
    expect(ran.splice(0)).toEqual(["this", "that"]);
  });

  it("tells of a skipped case and its reason, and does not run it", async () => {
    const [first, second] = make({ "does this": "it is read-only" }, () => "that");
    expect(first).toMatchObject({ name: "does this (skipped: it is read-only)", skipped: "it is read-only" });
    await first?.run();
    await second?.run();
    expect(ran.splice(0)).toEqual(["that"]);
  });

  it("fails with what a case throws", async () => {
    const [only] = contractOf("aContract", { "does it": () => Promise.reject(new Error("no")) }, {});
    await expect(only?.run()).rejects.toThrow("no");
  });

  it("fails with what went wrong first, where the disposal fails as well", async () => {
    const fails = (text: string) => Promise.reject(new Error(text));
    const work = async (): Promise<void> => {
      await using one = { [Symbol.asyncDispose]: () => fails("third") };
      await using two = { [Symbol.asyncDispose]: () => fails("second") };
      expect([one, two]).toHaveLength(2);
      await fails("first");
    };
    const [only] = contractOf("aContract", { "does it": work }, {});
    await expect(only?.run()).rejects.toThrow("first");
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a skip that names no case",
      { "does what": "why" },
      'aContract has no case "does what" to skip; it has: does this',
    ],
    ["a skip that names what every object has", { toString: "why" }, 'no case "toString"'],
    ["a skip without a reason", { "does that": " " }, '"does that" is skipped without a reason'],
    ["a missing hook", {}, '"does that" needs hook; give it, or skip the case'],
  ])("throws at once for %s", (_, skip, message) => {
    expect(() => make(skip)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => make(skip)).toThrow(message);
  });
});
