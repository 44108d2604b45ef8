// A manager with one engine, without batching, over HTTP.
import { createManager, exactly, loadWith } from "@servable/core";
import { listen } from "@servable/http-adapter/node";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";

const [folder, engine] = process.argv.slice(2);
const source = fsSource({ name: "mnist", path: folder, versions: exactly([1]), pollMs: 0 });
const manager = createManager({ disk: source.pipe(loadWith(savedModel({ engine }))) });
await manager.whenAvailable("mnist");
const server = await listen(manager, { port: 0 });
process.send({ url: `${server.url}/v1/models/mnist:predict` });
