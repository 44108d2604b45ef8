import { createManager, exactly, loadWith } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { fsSource } from "@servable/source-fs";
import { folder, loader } from "./model.mjs";

const source = fsSource({ name: "mnist", path: folder, versions: exactly([2]), pollMs: 0 });
const manager = createManager({ disk: source.pipe(loadWith(loader)) });
await manager.whenAvailable("mnist");
const server = await listen(manager, { port: 0 });
process.send({ url: `${server.url}/v1/models/mnist:predict` });
