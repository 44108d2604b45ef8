// Models in a format of one's own, from a folder, over TensorFlow Serving's REST API.
import { fileURLToPath } from "node:url";
import { createManager, latest, loadWith } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { fsSource } from "@servable/source-fs";
import { linearModel, missingFromLinearModel } from "./linear-model.mjs";

const path = fileURLToPath(new URL("models", import.meta.url));
const source = fsSource({ name: "linear", path, versions: latest(2), settleMs: 0, complete: missingFromLinearModel });
const manager = createManager({ disk: source.pipe(loadWith(linearModel)) });
await manager.whenAvailable("linear", { version: 1 });
await manager.whenAvailable("linear", { version: 2 });
const server = await listen(manager, { port: 0 });

const ask = async (path, instances) => {
  const request = { method: "POST", body: JSON.stringify({ instances }) };
  return (await fetch(`${server.url}/v1/models/linear${path}:predict`, request)).text();
};
console.log(
  "latest:   ",
  await ask("", [
    [1, 2],
    [3, 4],
  ]),
);
console.log(
  "version 1:",
  await ask("/versions/1", [
    [1, 2],
    [3, 4],
  ]),
);
console.log("misfit:   ", await ask("", [[1, 2, 3]]));

await server.close();
await manager.close();
