// A manager with the native engine behind adaptive batching, over HTTP.
import { withBatching } from "@servable/batching";
import { createManager, exactly, loadWith, mapData } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";

const [folder, engine] = process.argv.slice(2);
const source = fsSource({ name: "mnist", path: folder, versions: exactly([1]), pollMs: 0 });
const batched = source.pipe(loadWith(savedModel({ engine })), mapData(withBatching()));
const manager = createManager({ disk: batched });
await manager.whenAvailable("mnist");
const server = await listen(manager, { port: 0 });
process.send({ url: `${server.url}/v1/models/mnist:predict` });
