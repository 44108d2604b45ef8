// npm run test:gpu: what only a GPU can tell. Fails, with the reason, where there is none.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, root, run } from "./workspace.mjs";
import { provideZoo } from "./zoo.mjs";

await ensureInstalled();
await ensureBuilt();
const loaderTf = join(root, "packages", "loader-tf", "dist");
const { chosenLibrary, placesHere } = await import(join(loaderTf, "native.js"));
const library = chosenLibrary(placesHere());
if (library === undefined) fail("there is no TensorFlow library; name one built for GPUs by SERVABLE_LIBTENSORFLOW");

// In a process of its own: TensorFlow takes the GPU's memory for as long as its process lasts.
const ask = `
  const [{ savedModel }, { folderFiles }] = await Promise.all(process.argv.slice(1, 3).map((path) => import(path)));
  const [library, folder] = process.argv.slice(3);
  const loaded = await savedModel({ engine: "native", native: { library } })(folderFiles(folder)).load({
    id: { name: "mnist", version: 1 },
    servables: {},
    signal: new AbortController().signal,
    report() {},
  });
  process.stdout.write("\\n" + JSON.stringify(loaded.describe()));
  await loaded[Symbol.asyncDispose]();
`;
const sourceFs = join(root, "packages", "source-fs", "dist");
const paths = [join(loaderTf, "index.js"), join(sourceFs, "index.js"), library, join(root, "fixtures/mnist/1")];
const { devices, tensorFlow } = described(paths);
const gpus = devices.filter(({ type }) => type === "GPU");
const titles = devices.map(({ name, memoryBytes }) => `${name} (${(memoryBytes / 1e9).toFixed(1)} GB)`).join(", ");
if (gpus.length === 0) {
  fail(`TensorFlow ${tensorFlow} of ${library} finds no GPU, but ${titles}; take a library and a driver for GPUs`);
}
console.log(`TensorFlow ${tensorFlow} of ${library}: ${titles}`);
if (!(await provideZoo())) fail("ResNet50 cannot be made without Python's TensorFlow");
const env = { ...process.env, SERVABLE_GPU: library, SERVABLE_LIBTENSORFLOW: library };
process.exit(await run("npx", ["vitest", "run", "--project", "gpu"], { env }));

function described(args) {
  try {
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", ask, ...args], options);
    return JSON.parse(output.slice(output.lastIndexOf("\n")));
  } catch (error) {
    return fail(`${library} cannot load a model: its process ended with status ${error.status ?? error.signal}`);
  }
}

function fail(reason) {
  console.error(`test:gpu: ${reason}`);
  process.exit(1);
}
