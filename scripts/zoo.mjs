// Makes the zoo of models under .cache/zoo with TensorFlow. `npm run zoo` also runs it in the portable engine and writes
// docs/portable-models.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideTensorFlow } from "./tensorflow.mjs";
import { ensureBuilt, ensureInstalled, must, root, run } from "./workspace.mjs";

const folder = join(root, ".cache", "zoo");

/** Makes the models that are missing or out of date; false, with a line that says why, where TensorFlow cannot be had. */
export async function provideZoo() {
  const python = await provideTensorFlow();
  if (python === undefined) return false;
  await must(python, [join(root, "scripts", "zoo", "make.py"), folder]);
  return true;
}

const HEAD = `# Models that the portable engine runs

Written by \`npm run zoo\`; do not edit. TensorFlow makes the models (\`scripts/zoo\`, weights are random where training does
not matter) and answers the calls; the portable engine is given the same files and inputs. \`npm test\` does it again.

"Same" means that integers, strings and shapes are equal and floats differ by at most 2e-4 of the largest value of their
tensor; the largest difference that was found is in the last column. "Refused" means that the load fails with the list of
what cannot be run.

| model | what it stands for | state | largest difference |
| --- | --- | --- | --- |
`;

async function writePage() {
  const results = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  const rows = results.map(({ name, standsFor, state, error, message }) => {
    const detail = state === "same" ? Number(error).toExponential(1) : /operations: (.*?);/.exec(message)?.[1];
    return `| ${name} | ${standsFor} | ${state} | ${detail} |`;
  });
  writeFileSync(join(root, "docs", "portable-models.md"), `${HEAD}${rows.join("\n")}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  await ensureBuilt();
  if (!(await provideZoo())) process.exit(1);
  const status = await run("npx", ["vitest", "run", "--project", "system", "test/system/portable-zoo.test.ts"], {});
  await writePage();
  process.exit(status);
}
