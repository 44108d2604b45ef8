import { defineConfig } from "tsup";
import { library } from "../../tsup.base.js";

export default defineConfig(
  library(
    {
      index: "src/index.ts",
      portable: "src/portable.ts",
      "portable-worker": "src/engine/worker/main.ts",
      "portable-web-worker": "src/engine/worker/web-main.ts",
    },
    { platform: "node" },
  ),
);
