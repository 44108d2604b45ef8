import { execFile } from "node:child_process";
import { libraryInPackagesHere } from "@servable/loader-tf/native";

/** What the Python on the path says of its TensorFlow. */
export type PythonFinding =
  | { readonly state: "missing" }
  | { readonly state: "found"; readonly version: string; readonly library: string | undefined };

/** Finds the package without importing it, and prints the folder that it lies in. */
const SCRIPT = `
import importlib.util, os, sys
spec = importlib.util.find_spec("tensorflow")
print(sys.version.split()[0])
print(os.path.dirname(os.path.dirname(spec.origin)) if spec and spec.origin else "")
`;

/** Asks the command `python3` (`python` on Windows) where its TensorFlow is. */
export function askPython(): Promise<PythonFinding> {
  const command = process.platform === "win32" ? "python" : "python3";
  return new Promise((resolve) => {
    execFile(command, ["-c", SCRIPT], { timeout: 60_000 }, (error, output) => {
      const [version, packages] = output.split(/\r?\n/);
      if (error !== null || !version) resolve({ state: "missing" });
      else resolve({ state: "found", version, library: packages ? libraryInPackagesHere(packages) : undefined });
    });
  });
}
