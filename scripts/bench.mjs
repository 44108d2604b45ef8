// npm run bench -- NAME: builds, then runs bench/NAME.mjs; without a name lists the claims.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, must, root } from "./workspace.mjs";

const names = readdirSync(join(root, "bench"))
  .filter((file) => file.endsWith(".bench.mjs"))
  .map((file) => file.replace(".bench.mjs", ""));
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !existsSync(join(root, "bench", `${name}.bench.mjs`))) {
  console.error(`npm run bench -- NAME, with NAME one of: ${names.join(", ")}`);
  process.exit(2);
}
await ensureInstalled();
await ensureBuilt();
await must(process.execPath, [join(root, "bench", `${name}.bench.mjs`), ...rest]);
