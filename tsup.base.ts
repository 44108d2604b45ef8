import type { Options } from "tsup";

/** What every package builds: ES modules with types, dependencies left outside. */
export function library(entry: Record<string, string>, overrides: Options = {}): Options {
  return {
    entry,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
    ...overrides,
  };
}
