import { describe, expect, it } from "vitest";
import { filesIn, packageNames, textOf } from "./sources.js";

/** Which packages each package may import: the arrows of docs/architecture.md. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "tf-proto": [],
  "saved-model": ["tf-proto"],
  inference: ["core", "tf-proto", "saved-model"],
  "source-folders": ["core", "saved-model"],
  "source-fs": ["core", "saved-model", "source-folders"],
  "source-s3": ["core", "saved-model", "source-folders"],
  "loader-tf": ["core", "tf-proto", "saved-model"],
  servables: ["core"],
  batching: ["core"],
  "http-adapter": ["core", "inference"],
  cli: ["core", "saved-model", "source-fs", "source-s3", "loader-tf", "batching", "http-adapter", "inference"],
};

/** Which folders of core each folder of core may import. */
const CORE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  ".": ["tensor"],
  tensor: ["."],
  source: ["."],
  version: ["."],
  policy: [".", "version"],
  manager: [".", "source", "version", "policy"],
  testing: [".", "source", "version", "policy", "manager", "tensor"],
};

const imports = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:import|export)\b[^;"']*?(?:from\s*)?["']([^"']+)["']/gm)].map(([, path = ""]) => path);
const isTest = (file: string): boolean => /\.test(-d)?\.ts$/.test(file);

describe("the direction of dependencies", () => {
  it("has an arrow for every package", () => {
    expect(packageNames().sort()).toEqual(Object.keys(ARROWS).sort());
  });

  it.each(Object.entries(ARROWS))("of %s", (name, allowed) => {
    const files = filesIn(`packages/${name}/src`, ".ts");
    expect(files.length).toBeGreaterThan(0);
    const used = new Set(
      files.flatMap((file) => imports(textOf(file)).flatMap((path) => path.match(/^@servable\/([^/]+)/)?.[1] ?? [])),
    );
    used.delete(name);
    expect([...used].filter((each) => !allowed.includes(each))).toEqual([]);
    const { dependencies = {} } = JSON.parse(textOf(`packages/${name}/package.json`)) as { dependencies?: object };
    const declared = Object.keys(dependencies).flatMap((each) => each.match(/^@servable\/(.+)/)?.[1] ?? []);
    expect(declared.filter((each) => !allowed.includes(each))).toEqual([]);
  });

  it("of the folders of core", () => {
    const wrong = filesIn("packages/core/src", ".ts")
      .filter((file) => !isTest(file) && !file.endsWith("src/index.ts"))
      .flatMap((file) => {
        const folder = file.match(/src\/(\w+)\//)?.[1] ?? ".";
        const targets = imports(textOf(file)).flatMap((path) => {
          if (!path.startsWith(".")) return [];
          if (path.startsWith("./")) return folder === "." ? (path.match(/^\.\/(\w+)\//)?.[1] ?? ".") : folder;
          return path.match(/^\.\.\/(\w+)\//)?.[1] ?? ".";
        });
        const allowed = [folder, ...(CORE_ARROWS[folder] ?? [])];
        return targets.filter((target) => !allowed.includes(target)).map((target) => `${file} -> ${target}`);
      });
    // A snapshot tells of states in the state machine's words; the words alone are shared.
    expect(wrong).toEqual([]);
  });
});

describe("the length of files", () => {
  const long = (files: readonly string[], limit: number): string[] =>
    files.filter((file) => textOf(file).split("\n").length > limit + 1);
  const files = ["packages", "test", "scripts", "bench", "examples"].flatMap((folder) =>
    [".ts", ".mjs", ".js"].flatMap((suffix) => filesIn(folder, suffix)),
  );

  it("stays below 300 lines, 400 for tests", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(
      long(
        files.filter((file) => !isTest(file)),
        300,
      ),
    ).toEqual([]);
    expect(long(files.filter(isTest), 400)).toEqual([]);
  });

  it("no file is an attic", () => {
    expect(files.filter((file) => /(^|\/)(utils?|types|helpers|common|misc)\.ts$/.test(file))).toEqual([]);
  });
});

describe("every package", () => {
  it.each(packageNames())("%s has a README of 10 to 30 lines and a publishable manifest", (name) => {
    const lines = textOf(`packages/${name}/README.md`).trimEnd().split("\n").length;
    expect(lines).toBeGreaterThanOrEqual(10);
    expect(lines).toBeLessThanOrEqual(30);
    const manifest = JSON.parse(textOf(`packages/${name}/package.json`)) as { sideEffects?: unknown };
    // Files that a worker runs are all effect; nothing else of a package is.
    expect([manifest.sideEffects].flat().filter((each) => !String(each).endsWith("worker.js"))).toEqual(
      Array.isArray(manifest.sideEffects) ? [] : [false],
    );
    expect(manifest).toMatchObject({
      license: "Apache-2.0",
      type: "module",
      engines: { node: ">=20.19" },
      publishConfig: { access: "public" },
    });
  });

  it.each(packageNames())("%s runs no script when it is installed", (name) => {
    const { scripts = {} } = JSON.parse(textOf(`packages/${name}/package.json`)) as { scripts?: object };
    expect(Object.keys(scripts).filter((script) => /^(pre|post)?install$|^prepare$/.test(script))).toEqual([]);
  });
});

it("CONTRIBUTING.md stays below 60 lines", () => {
  expect(textOf("CONTRIBUTING.md").split("\n").length).toBeLessThan(60);
});
