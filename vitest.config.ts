import { defineConfig } from "vitest/config";
import { workerFromSource } from "./vitest.worker.js";

// The private condition makes packages resolve to each other's sources, so that tests need no build.
const conditions = ["@servable/source", "node", "import", "default"];
const FUZZ = "test/fuzz/fuzz.test.ts";
const sources = { resolve: { conditions }, ssr: { resolve: { conditions } }, plugins: [workerFromSource()] };

export default defineConfig({
  test: {
    projects: [
      {
        ...sources,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "test/repository/**/*.test.ts", "test/fuzz/**/*.test.ts"],
          exclude: [FUZZ],
          testTimeout: 30_000,
        },
      },
      {
        ...sources,
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/src/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json",
          },
        },
      },
      {
        ...sources,
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      // Of `npm run test:gpu` alone.
      ...(process.env["SERVABLE_GPU"] === undefined
        ? []
        : [{ ...sources, test: { name: "gpu", include: ["test/gpu/**/*.test.ts"], testTimeout: 120_000 } }]),
      {
        ...sources,
        // After all others: it takes what processors there are.
        test: { name: "fuzz", include: [FUZZ], sequence: { groupOrder: 1 } },
      },
    ],
  },
});
