import { defineConfig } from "tsup";
import { library } from "../../tsup.base.js";

export default defineConfig(library({ main: "src/main.ts", index: "src/index.ts" }, { platform: "node" }));
