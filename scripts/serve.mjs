// npm run serve -- FLAGS: builds, then serves.
import { ensureBuilt, ensureInstalled, root } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
await import(new URL("packages/cli/bin/servable.js", `file://${root}`).href);
