import { describe, expect, it } from "vitest";
import { foundCases } from "./found.js";
import { check } from "./target.js";
import { TARGETS } from "./targets/targets.js";

describe.each(TARGETS)("$name", (target) => {
  it.each([...foundCases(target.name), { name: "no-bytes", input: new Uint8Array(0) }])(
    "is read or refused: $name",
    async ({ input }) => {
      await expect(check(target, input)).resolves.toBeUndefined();
    },
  );
});
