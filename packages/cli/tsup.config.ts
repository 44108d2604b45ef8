import { defineConfig } from "tsup";
import { library } from "../../tsup.base.js";

export default defineConfig(
  library(
    { main: "src/main.ts", index: "src/index.ts", "doctor-probe": "src/doctor/probe-main.ts" },
    { platform: "node" },
  ),
);
