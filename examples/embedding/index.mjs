// A model inside your own process: versions from a folder, the newest one answers.
import { fileURLToPath } from "node:url";
import { createManager, latest, loadWith } from "@servable/core";
import { savedModel } from "@servable/loader-tf";
import { fsSource } from "@servable/source-fs";

const path = fileURLToPath(new URL("../../fixtures/half_plus_two", import.meta.url));
const manager = createManager({
  disk: fsSource({ name: "half_plus_two", path, versions: latest(1) }).pipe(loadWith(savedModel({ threads: 1 }))),
});
manager.events$.subscribe((event) => {
  if (event.type === "version-available") console.log(`version ${event.id.version} is available`);
});

await manager.whenAvailable("half_plus_two");
const { y } = await manager.use("half_plus_two", (model) => model.predict({ x: [1, 2, 5] }));
console.log("x / 2 + 2 of 1, 2, 5:", ...y.data);

await manager.close();
console.log("closed");
