import { expect, it } from "vitest";
import { parsePublish } from "./publish.js";

it("takes a folder, a target and a version in any order", () => {
  const expected = { folder: "out", target: "s3://b/m", version: 7 };
  expect(parsePublish(["out", "s3://b/m", "--version=7"])).toEqual(expected);
  expect(parsePublish(["--version=7", "out", "s3://b/m"])).toEqual(expected);
  expect(parsePublish(["out", "models/m"])).toEqual({ folder: "out", target: "models/m", version: undefined });
});

it.each([
  [["out"], "publish needs two names"],
  [[], "publish needs two names"],
  [["a", "b", "c"], "publish needs two names"],
  [["a", "b", "--version"], "--version is not known"],
  [["a", "b", "--version=-1"], "--version=-1 is not known"],
  [["a", "b", "--version=1e3"], "--version=1e3 is not known"],
  [["a", "b", "--version=9999999999999999"], "is not known; there is --version=N"],
  [["a", "b", "--force"], "--force is not known"],
])("refuses %j", (words, problem) => {
  expect(() => parsePublish(words)).toThrow(problem);
});
