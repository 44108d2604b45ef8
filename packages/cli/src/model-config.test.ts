import { all, exactly } from "@servable/core";
import { expect, it } from "vitest";
import { parseModelConfig } from "./model-config.js";

const parse = (fields: string) =>
  parseModelConfig(`model_config_list { config { name: "m" base_path: "/m" ${fields} } }`, "models.config");

it("reads names, paths, policies and labels", () => {
  const text = `
    # Two lists are one.
    model_config_list { config {
      name: "a" base_path: "/models/a" model_platform: "tensorflow"
      model_version_policy { specific { versions: 3 versions: 5 } }
      version_labels { key: "stable" value: 3 }
      version_labels { key: "canary" value: 5 }
    } }
    model_config_list { config { name: "b" base_path: "s3://bucket/b" model_version_policy { all {} } } }`;
  const [a, b, ...rest] = parseModelConfig(text, "models.config");
  expect(a).toMatchObject({ name: "a", basePath: "/models/a" });
  expect([...(a?.labels ?? [])]).toEqual([
    ["stable", 3],
    ["canary", 5],
  ]);
  expect(a?.versions.description).toBe(exactly([3, 5]).description);
  expect(b).toMatchObject({ name: "b", basePath: "s3://bucket/b" });
  expect(b?.versions.description).toBe(all().description);
  expect(rest).toEqual([]);
});

it("takes version 0 for a label when it is written", () => {
  expect([...(parse('version_labels { key: "first" value: 0 }')[0]?.labels ?? [])]).toEqual([["first", 0]]);
});

it.each([
  ['version_labels { key: "stable" }', 'the model m: the label "stable" has no version'],
  ["version_labels { value: 3 }", "the model m: version_labels has an entry without a key"],
  ['version_labels { key: "stable" value: -1 }', "integers from 0"],
  ['version_labels { key: "stable" version: 3 }', "version_labels"],
  ["model_version_policy { all {} latest {} }", "one of latest, all and specific"],
  ["model_version_policy { specific { versions: 1.5 } }", "integers from 0"],
  ['model_platform: "caffe"', 'model_platform must be "tensorflow"'],
  ["no_such_field: 1", "no_such_field"],
])("refuses %s", (fields, problem) => {
  expect(() => parse(fields)).toThrow(problem);
});

it.each([
  ['model_config_list { config { base_path: "/m" } }', "a model has no name"],
  ['model_config_list { config { name: "m" } }', "the model m has no base_path"],
  ['model_config_list { config { name: "m" base_path: "/a" } config { name: "m" base_path: "/b" } }', "listed twice"],
  ["custom_model_config {}", "custom_model_config is not supported"],
  ["model_config_list {", "--model_config_file=models.config"],
])("refuses the file %s", (text, problem) => {
  expect(() => parseModelConfig(text, "models.config")).toThrow(problem);
});
