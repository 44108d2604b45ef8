// The portable engine inline on the MNIST network: against the same kernels called by hand, and against tfjs-converter.
import { join } from "node:path";
import { mnistByHand } from "./lib/by-hand.mjs";
import { compareKernels } from "./lib/compare-kernels.mjs";
import { fixtures } from "./lib/portable.mjs";

await compareKernels({
  bench: "portable-mnist",
  folder: join(fixtures, "mnist", "1"),
  name: "mnist",
  shape: [28, 28],
  handmade: mnistByHand,
});
