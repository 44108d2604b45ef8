// A manager whose model moves to its other version every second, as long as it is told to.
import { fileURLToPath } from "node:url";
import { createManager, loadWith } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { Subject } from "rxjs";

const folder = fileURLToPath(new URL("../../fixtures/mnist", import.meta.url));
const lists = new Subject();
const manager = createManager({ swapped: lists.pipe(loadWith(savedModel({ engine: "native" }))) });
const show = (version) =>
  lists.next({ name: "mnist", versions: [{ version, data: folderFiles(`${folder}/${version}`) }] });
let version = 1;
show(version);
await manager.whenAvailable("mnist");
let timer;
process.on("message", ({ isSwapping }) => {
  clearInterval(timer);
  if (!isSwapping) return;
  timer = setInterval(() => {
    version = 3 - version;
    show(version);
  }, 1_000);
});
const server = await listen(manager, { port: 0 });
process.send({ url: `${server.url}/v1/models/mnist:predict` });
