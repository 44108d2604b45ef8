// Finds a Chromium for the tests that run in a page, or installs the system's own where that is allowed.
import { has, run } from "./workspace.mjs";

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The command that starts Chromium; undefined, with a line that says why, where there is none. */
export async function provideChromium() {
  const found = find();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || !has("apt-get")) return skip("no Chromium is installed");
  console.log("providing Chromium by the system's package manager (once)");
  await run("apt-get", ["update", "--quiet"]);
  await run("apt-get", ["install", "--quiet", "--yes", "--no-install-recommends", "chromium"]);
  return find() ?? skip("the system's package manager has no Chromium");
}

function find() {
  const named = process.env.SERVABLE_CHROMIUM;
  return [...(named ? [named] : []), ...COMMANDS].find(has);
}

function skip(reason) {
  console.log(`skipped: the tests in a browser, since ${reason}; SERVABLE_CHROMIUM may name one`);
  return undefined;
}
