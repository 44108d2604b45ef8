// Provides tfjs-node with the TensorFlow of .cache/tf, under .cache/: a rival for the benches, never a dependency.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { provideTensorFlow } from "./tensorflow.mjs";
import { has, must, root } from "./workspace.mjs";

const VERSION = "4.22.0";
const LIBRARIES = [
  ["libtensorflow.so", "libtensorflow_cc.so.2"],
  ["libtensorflow_cc.so.2", "libtensorflow_cc.so.2"],
  ["libtensorflow_framework.so", "libtensorflow_framework.so.2"],
  ["libtensorflow_framework.so.2", "libtensorflow_framework.so.2"],
];

/** The folder that has tfjs-node in its node_modules; undefined, with a line that says why, where it cannot be had. */
export async function provideTfjsNode() {
  const folder = join(root, ".cache", "tfjs-node");
  const marker = join(folder, `tfjs-node-${VERSION}`);
  if (existsSync(marker)) return folder;
  if (process.platform !== "linux") return skip("it is built for Linux alone");
  if (!["make", "g++"].every(has)) return skip("there is no C++ compiler");
  if ((await provideTensorFlow()) === undefined) return skip("it needs TensorFlow");
  console.log(`providing tfjs-node ${VERSION} in .cache/tfjs-node (once)`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  // Its own install script would download an old TensorFlow.
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  await must("npm", [...install, `@tensorflow/tfjs-node@${VERSION}`, "node-gyp@11"], { cwd: folder });
  const home = join(folder, "node_modules", "@tensorflow", "tfjs-node");
  linkLibraries(join(home, "deps"));
  const output = join(home, "lib", "napi-v8");
  const headers = existsSync("/usr/include/node") ? ["--nodedir=/usr"] : [];
  const names = ["--module_name=tfjs_binding", `--module_path=${output}`, "--napi_version=8"];
  const gyp = join(folder, "node_modules", "node-gyp", "bin", "node-gyp.js");
  await must(process.execPath, [gyp, "rebuild", ...headers, ...names], { cwd: home });
  writeFileSync(marker, "");
  return folder;
}

function linkLibraries(deps) {
  const lib = join(root, ".cache", "tf", "lib");
  const [python = "python3"] = readdirSync(lib).filter((name) => name.startsWith("python"));
  const wheel = join(lib, python, "site-packages", "tensorflow");
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, "lib"), { recursive: true });
  // Relative, so that the folder may be moved together with TensorFlow's.
  const link = (target, at) => symlinkSync(relative(dirname(at), target), at);
  link(join(wheel, "include"), join(deps, "include"));
  for (const [name, target] of LIBRARIES) link(join(wheel, target), join(deps, "lib", name));
}

function skip(reason) {
  console.log(`skipped: the tests with tfjs-node, since ${reason}`);
  return undefined;
}
