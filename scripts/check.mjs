// npm run check: format, lint, types, unit tests, build, package checks.
import { ensureInstalled, must, packageFolders } from "./workspace.mjs";

await ensureInstalled();
await must("npx", ["biome", "ci", "--error-on-warnings"]);
await must("npx", ["oxlint", "--type-aware", "--deny-warnings"]);
await must("npx", ["tsc", "--noEmit"]);
await must("npx", ["turbo", "run", "build", "--output-logs=errors-only"]);
await must(process.execPath, ["scripts/core-size.mjs"]);
await must("npx", ["vitest", "run", "--project", "unit", "--project", "types"]);
for (const folder of packageFolders()) {
  await must("npx", ["publint", "--strict", "--pack", "npm", folder]);
  await must("npx", ["attw", "--pack", folder, "--profile", "esm-only", "--quiet"]);
}
await must("npx", ["knip"]);
console.log("\ncheck: everything is in order");
