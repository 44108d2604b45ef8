import { join } from "node:path";
import { cwd } from "node:process";
import { expect, it } from "vitest";
import { fsSource } from "./fs-source.js";
import { type FsSourceOptions, resolveOptions } from "./options.js";

it.each([
  ["an empty name", { name: "" }],
  ["an empty path", { path: "" }],
  ["a path that is no text", { path: 7 }],
  ["a negative pollMs", { pollMs: -1 }],
  ["a pollMs that is no number", { pollMs: Number.NaN }],
  ["a pollMs that is text", { pollMs: "1000" }],
  ["a pollMs that no timer can wait for", { pollMs: 2 ** 31 }],
  ["an endless settleMs", { settleMs: Number.POSITIVE_INFINITY }],
  ["a negative settleMs", { settleMs: -1 }],
  ["an unknown whenEmpty", { whenEmpty: "drop" }],
  ["versions that are no policy", { versions: 3 }],
  ["a parseVersion that is no function", { parseVersion: /v(\d+)/ }],
  ["a complete that is no function", { complete: "DONE" }],
  ["an onWarning that is no function", { onWarning: true }],
])("%s is refused by the factory", (_, wrong) => {
  // As from plain JavaScript, where no compiler has looked at them.
  const options = { name: "m", path: "/m", ...wrong } as FsSourceOptions;
  expect(() => fsSource(options)).toThrow(
    expect.objectContaining({
      name: "ServingError",
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(Object.keys(wrong)[0] ?? ""),
    }),
  );
});

it("defaults also stand in for an explicit undefined", () => {
  const bare = resolveOptions({ name: "m", path: "models" });
  expect(bare).toMatchObject({
    path: join(cwd(), "models"),
    pollMs: 1_000,
    watch: true,
    rules: { settleMs: 5_000, whenEmpty: "keep" },
  });
  expect(bare.rules.versions.select([1, 2])).toEqual([2]);
  const names = ["versions", "pollMs", "watch", "settleMs", "whenEmpty", "parseVersion", "complete", "onWarning"];
  const spelled = resolveOptions({
    name: "m",
    path: "models",
    ...Object.fromEntries(names.map((name) => [name, undefined])),
  });
  expect(JSON.stringify(spelled)).toBe(JSON.stringify(bare));
  expect(spelled.rules.complete).toBe(bare.rules.complete);
});
