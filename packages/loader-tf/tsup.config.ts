import { defineConfig } from "tsup";
import { library } from "../../tsup.base.js";

export default defineConfig(
  library(
    {
      index: "src/index.ts",
      portable: "src/portable.ts",
      native: "src/native.ts",
      "portable-worker": "src/engine/worker/main.ts",
      "tfjs-node-worker": "src/tfjs-node/worker-main.ts",
      "portable-web-worker": "src/engine/worker/web-main.ts",
    },
    { platform: "node" },
  ),
);
