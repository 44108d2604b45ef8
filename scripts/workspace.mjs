// What the scripts share: where the workspace is, and how it is installed and built.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in the workspace with its output shown; resolves to its exit status. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: "inherit",
      shell: process.platform === "win32",
      ...options,
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** As `run`; ends this process if the command fails. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code === 0) return;
  console.error(`\n${command} ${args.join(" ")} failed with status ${code}`);
  process.exit(code);
}

/** Installs the packages if that has not been done since the lock file changed. */
export async function ensureInstalled() {
  const marker = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return;
  await must("npm", ["ci"]);
}

/** Builds what has changed since the last build. */
export async function ensureBuilt() {
  await must("npx", ["turbo", "run", "build", "--output-logs=errors-only"]);
}

/** The folders of the published packages. */
export function packageFolders() {
  return readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
}

/** Whether a command can be started. */
export function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore", shell: process.platform === "win32" }).status === 0;
}
