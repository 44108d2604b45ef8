// Versions come from a manifest on a web server, which publishes a second one while the first is served.
import { createServer } from "node:http";
import { createManager, loadWith } from "@servable/core";
import { manifestSource } from "./manifest-source.mjs";

const files = new Map([["/1.json", { greeting: "Hello" }]]);
const versions = [{ version: 1, url: "1.json", digest: "a" }, { version: "draft" }];
const server = createServer(({ url }, response) => {
  response.end(JSON.stringify(url === "/manifest.json" ? { versions } : files.get(url)));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/manifest.json`;

/** Loads a file of settings as it is. */
const settings = ({ url }) => ({
  async load({ signal }) {
    const servable = await (await fetch(url, { signal })).json();
    return { servable, async [Symbol.asyncDispose]() {} };
  },
});

const source = manifestSource({ name: "settings", url, maxMs: 20 });
const manager = createManager({ web: source.pipe(loadWith(settings)) });

await manager.whenAvailable("settings");
console.log("version 1 says", await manager.use("settings", ({ greeting }) => greeting));
for (const { entry, reason } of manager.model("settings").skipped) console.log("skipped", entry, "since", reason);

files.set("/2.json", { greeting: "Good day" });
versions.push({ version: 2, url: "2.json", digest: "b" });
await manager.whenAvailable("settings", { version: 2 });
console.log("version 2 says", await manager.use("settings", ({ greeting }) => greeting));

await manager.close();
server.close();
console.log("closed");
