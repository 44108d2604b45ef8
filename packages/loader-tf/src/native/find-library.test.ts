import { describe, expect, it } from "vitest";
import { chosenLibrary, type FileLook, type LibraryOrigin, libraryPlaces, type Surroundings } from "./find-library.js";

/** A file system of texts by path. */
function fakeFiles(texts: Readonly<Record<string, string>>): FileLook {
  const separator = Object.keys(texts).some((path) => path.includes("\\")) ? "\\" : "/";
  return {
    isFile: (path) => Object.hasOwn(texts, path),
    text: (path) => texts[path],
    entries: (folder) => {
      const start = folder + separator;
      const inside = Object.keys(texts).filter((path) => path.startsWith(start));
      return [...new Set(inside.map((path) => path.slice(start.length).split(separator)[0] ?? ""))];
    },
  };
}

const LINUX: Surroundings = { platform: "linux", env: {}, home: "/home/ann", tfjsNode: [] };
const MAC: Surroundings = { platform: "darwin", env: {}, home: "/Users/ann", tfjsNode: [] };
const WINDOWS: Surroundings = { platform: "win32", env: {}, home: "C:\\Users\\ann", tfjsNode: [] };

const site = "lib/python3.11/site-packages/tensorflow";

describe("the library is found", () => {
  it.each<[string, Surroundings, string, LibraryOrigin]>([
    ["that an option names", { ...LINUX, library: "/a/tf.so" }, "/a/tf.so", "native.library"],
    [
      "that the environment names",
      { ...LINUX, env: { SERVABLE_LIBTENSORFLOW: "/a/tf.so" } },
      "/a/tf.so",
      "SERVABLE_LIBTENSORFLOW",
    ],
    [
      "of an active venv",
      { ...LINUX, env: { VIRTUAL_ENV: "/p/.venv" } },
      `/p/.venv/${site}/libtensorflow_cc.so.2`,
      "VIRTUAL_ENV",
    ],
    [
      "of an active venv on macOS",
      { ...MAC, env: { VIRTUAL_ENV: "/p/.venv" } },
      `/p/.venv/${site}/libtensorflow_cc.2.dylib`,
      "VIRTUAL_ENV",
    ],
    [
      "of an active venv on Windows",
      { ...WINDOWS, env: { VIRTUAL_ENV: "C:\\p\\venv" } },
      "C:\\p\\venv\\Lib\\site-packages\\tensorflow\\python\\_pywrap_tensorflow_common.dll",
      "VIRTUAL_ENV",
    ],
    [
      "of pip in a conda environment",
      { ...LINUX, env: { CONDA_PREFIX: "/conda" } },
      `/conda/${site}/libtensorflow_cc.so.2`,
      "CONDA_PREFIX",
    ],
    [
      "of conda's own package",
      { ...LINUX, env: { CONDA_PREFIX: "/conda" } },
      "/conda/lib/libtensorflow.so.2",
      "CONDA_PREFIX",
    ],
    [
      "of conda's own package on Windows",
      { ...WINDOWS, env: { CONDA_PREFIX: "C:\\conda" } },
      "C:\\conda\\Library\\bin\\tensorflow.dll",
      "CONDA_PREFIX",
    ],
    [
      "of tfjs-node",
      { ...LINUX, tfjsNode: ["/app/node_modules/@tensorflow/tfjs-node"] },
      "/app/node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so.2",
      "tfjs-node",
    ],
    [
      "of tfjs-node on Windows",
      { ...WINDOWS, tfjsNode: ["D:\\app\\tfjs-node"] },
      "D:\\app\\tfjs-node\\deps\\lib\\tensorflow.dll",
      "tfjs-node",
    ],
    ["that the loader's path names", { ...LINUX, env: { LD_LIBRARY_PATH: ":/x:/y" } }, "/y/libtensorflow.so", "system"],
    ["in a folder of the system", LINUX, "/usr/local/lib/libtensorflow.so.2", "system"],
    ["of Homebrew", MAC, "/opt/homebrew/lib/libtensorflow.2.dylib", "system"],
    ["in a folder of PATH on Windows", { ...WINDOWS, env: { PATH: "C:\\a;C:\\b" } }, "C:\\b\\tensorflow.dll", "system"],
    ["of pip --user", LINUX, `/home/ann/.local/${site}/libtensorflow_cc.so.2`, "system"],
    ["of a Python without an environment", LINUX, `/usr/local/${site}/libtensorflow_cc.so.2`, "system"],
    ["of Debian's Python", LINUX, "/usr/local/lib/python3.11/dist-packages/tensorflow/libtensorflow_cc.so.2", "system"],
  ])("%s", (_, surroundings, path, origin) => {
    const places = libraryPlaces(surroundings, fakeFiles({ [path]: "" }));
    expect(chosenLibrary(places)).toBe(path);
    expect(places.filter(({ found }) => found !== undefined)).toMatchObject([{ origin, found: path }]);
  });

  it.each([
    [LINUX, "/home/ann/.servable/runtime"],
    [{ ...LINUX, env: { SERVABLE_RUNTIME: "/srv/tf" } }, "/srv/tf"],
  ])("that servable runtime install has put in its folder, the one that is current there (%#)", (where, folder) => {
    const older = `${folder}/2.15.1-cpu/tensorflow/libtensorflow_cc.so.2`;
    const current = `${folder}/2.21.0-cpu/tensorflow/libtensorflow_cc.so.2`;
    const files = { [`${folder}/current`]: "2.21.0-cpu\n", [older]: "", [current]: "" };
    expect(chosenLibrary(libraryPlaces(where, fakeFiles(files)))).toBe(current);
  });
});

it("looks where the user says before it looks elsewhere, and in an active environment before the system", () => {
  const env = { SERVABLE_LIBTENSORFLOW: "/e.so", VIRTUAL_ENV: "/venv", CONDA_PREFIX: "/conda" };
  const tfjsNode = ["/app/tfjs-node"];
  const all = {
    "/o.so": "",
    "/e.so": "",
    "/home/ann/.servable/runtime/current": "2.21.0-cpu",
    "/home/ann/.servable/runtime/2.21.0-cpu/tensorflow/libtensorflow_cc.so.2": "",
    [`/venv/${site}/libtensorflow_cc.so.2`]: "",
    [`/conda/${site}/libtensorflow_cc.so.2`]: "",
    "/app/tfjs-node/deps/lib/libtensorflow.so.2": "",
    "/usr/lib/libtensorflow.so.2": "",
  };
  const places = libraryPlaces({ ...LINUX, env, tfjsNode, library: "/o.so" }, fakeFiles(all));
  const libraries = Object.keys(all).filter((path) => !path.endsWith("current"));
  expect(places.map(({ found }) => found)).toEqual(libraries);
  const order = libraries.map((_, at) => chosenLibrary(places.slice(at)));
  expect(order).toEqual(libraries);
});

it("takes no other library where the one that the user names is not there", () => {
  const files = fakeFiles({ "/usr/lib/libtensorflow.so.2": "" });
  expect(chosenLibrary(libraryPlaces({ ...LINUX, library: "/gone.so" }, files))).toBe("/gone.so");
  const env = { SERVABLE_LIBTENSORFLOW: "/gone.so" };
  expect(chosenLibrary(libraryPlaces({ ...LINUX, env }, files))).toBe("/gone.so");
});

it("takes empty variables for none", () => {
  const env = { SERVABLE_LIBTENSORFLOW: "", VIRTUAL_ENV: "", CONDA_PREFIX: "", SERVABLE_RUNTIME: "" };
  const places = libraryPlaces({ ...LINUX, env }, fakeFiles({}));
  expect(places.slice(0, 6).map(({ looked }) => looked)).toEqual([[], [], [], [], [], []]);
  expect(chosenLibrary(places)).toBeUndefined();
});

it("prefers the newest Python of a prefix, by number and not by letter", () => {
  const of = (python: string): string => `/usr/local/lib/${python}/site-packages/tensorflow/libtensorflow_cc.so.2`;
  const files = fakeFiles({ [of("python3.9")]: "", [of("python3.12")]: "", [of("python3.10")]: "" });
  expect(chosenLibrary(libraryPlaces(LINUX, files))).toBe(of("python3.12"));
});

it("tells of every folder that it looked at", () => {
  const places = libraryPlaces(
    { ...LINUX, env: { VIRTUAL_ENV: "/venv" } },
    fakeFiles({ "/venv/lib/python3.13/x": "" }),
  );
  expect(places.find(({ origin }) => origin === "VIRTUAL_ENV")?.looked).toEqual([
    "/venv/lib/python3.13/site-packages/tensorflow",
    "/venv/lib/python3.13/dist-packages/tensorflow",
    "/venv/lib",
  ]);
});

it("finds nothing on a system that has no TensorFlow", () => {
  expect(chosenLibrary(libraryPlaces({ ...LINUX, platform: "aix" }, fakeFiles({ "/usr/lib/a": "" })))).toBeUndefined();
});
