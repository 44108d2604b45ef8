#!/usr/bin/env node
// A committed file, so that npm can link it at install, before anything has been built.
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error("servable has not been built yet. In a clone of the repository: npm install && npm run build");
  process.exitCode = 1;
}
