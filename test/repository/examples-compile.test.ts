import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { filesIn, packageNames, root, textOf } from "./sources.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...filesIn("docs", ".md"),
  ...packageNames().map((name) => `packages/${name}/README.md`),
];

/** Every `ts` block, as a module beside its page, so that it is compiled as a reader's file would be. */
function blocks(): Map<string, string> {
  const found = new Map<string, string>();
  for (const page of pages) {
    const texts = [...textOf(page).matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = ""]) => text);
    // `export {}` makes a module of each block, so that the names of one do not meet those of another.
    for (const [index, text] of texts.entries())
      found.set(join(root, `${page}.${index + 1}.ts`), `${text}\nexport {};\n`);
  }
  return found;
}

it("every ts block of the documentation compiles", () => {
  const sources = blocks();
  expect(sources.size).toBeGreaterThan(5);
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // Examples are written for readers: what is exported or left unused in them does not matter.
  const compilerOptions = { ...options, noEmit: true, isolatedDeclarations: false, declaration: false };
  const host = ts.createCompilerHost(compilerOptions);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, language) => {
    const text = sources.get(path);
    return text === undefined ? getSourceFile(path, language) : ts.createSourceFile(path, text, language, true);
  };
  const program = ts.createProgram([...sources.keys()], compilerOptions, host);
  const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText, start }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName.replace(root, "")}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(faults).toEqual([]);
});
