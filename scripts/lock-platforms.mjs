// Completes package-lock.json with the packages of other platforms, which a registry mirror may not have: npm then
// leaves them out, and `npm ci` refuses the lock file everywhere. What they are for is read off their names.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
  "wasm32",
];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "64"];
const OTHER_NAMES = {
  win: "win32",
  windows: "win32",
  fsevents: "darwin",
  armv7: "arm",
  aarch64: "arm64",
  ppc64le: "ppc64",
};

function platformOf(name) {
  const words = name.split(/[/@_-]/).flatMap((word) => OTHER_NAMES[word] ?? word);
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word)).map((word) => (word === "64" ? "x64" : word));
  const libc = words.includes("musl") ? ["musl"] : [];
  return { ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }), ...(os.length > 0 && { os }) };
}

const path = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));
const added = [];
for (const [place, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const places = [`${place}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((each) => each in lock.packages) || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(owner.dev && { dev: true }),
      optional: true,
    };
    added.push(`${name}@${version}`);
  }
}
const [[own, workspace], ...others] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([[own, workspace], ...others.sort(([a], [b]) => (a < b ? -1 : 1))]);
writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(added.length === 0 ? "nothing is missing" : `added ${added.length}:\n${added.join("\n")}`);
