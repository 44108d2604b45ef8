import { servingErrorCodes } from "@servable/core";
import { expect, it } from "vitest";
import { textOf } from "./sources.js";

it("docs/errors.md describes every code, and no other", () => {
  const described = [...textOf("docs/errors.md").matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(described).toEqual([...servingErrorCodes]);
});
