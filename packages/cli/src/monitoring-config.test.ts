import { describe, expect, it } from "vitest";
import { parseMonitoringConfig } from "./monitoring-config.js";
import { UsageError } from "./usage-error.js";

describe("a monitoring config", () => {
  it.each<[string, string | undefined]>([
    ['prometheus_config { enable: true, path: "/metrics" }', "/metrics"],
    ["prometheus_config: { enable: true }", "/monitoring/prometheus/metrics"],
    ['prometheus_config { enable: true path: "" }', "/monitoring/prometheus/metrics"],
    ['prometheus_config { path: "/metrics" }', undefined],
    ["prometheus_config { enable: false }", undefined],
    ["", undefined],
  ])("%s has its page at %s", (text, path) => {
    expect(parseMonitoringConfig(text, "m.txt")).toBe(path);
  });

  it.each([
    ["prometheus_config { enable: maybe }", "m.txt: enable must be true or false, got maybe"],
    [
      'prometheus_config { enable: true path: "metrics" }',
      'm.txt: path must begin with a slash and not end with one, got "metrics"',
    ],
    ["prometheus_config { enabled: true }", "m.txt: prometheus_config has the unknown field enabled"],
    ["prometheus { }", "m.txt: the file has the unknown field prometheus"],
    ["prometheus_config {", "m.txt: line 1"],
  ])("refuses %s", (text, message) => {
    expect(() => parseMonitoringConfig(text, "m.txt")).toThrow(UsageError);
    expect(() => parseMonitoringConfig(text, "m.txt")).toThrow(message);
  });
});
