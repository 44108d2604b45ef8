// Gives TensorFlow more calls than libuv's pool has threads, then reads a file: it says how many calls began.
import { readFile } from "node:fs/promises";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";

const { library, most, folder } = JSON.parse(process.argv[2] ?? "{}");
const loader = savedModel({ engine: "native", native: { library, maxCallsInFlight: most } });
const loaded = await loader(folderFiles(folder)).load({
  id: { name: "control", version: 1 },
  servables: {},
  signal: new AbortController().signal,
  report() {},
});
for (let call = 0; call < 20; call++) {
  loaded.servable.predict({ x: [[0, 0]], n: 2 ** 31 - 1 }, { signature: "loop" }).catch(() => {});
}
const bytes = await readFile(new URL(import.meta.url));
console.log(JSON.stringify({ calls: loaded.describe().callsInFlight, bytes: bytes.length }));
process.exit(0);
