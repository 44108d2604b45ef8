// The portable engine inline on MobileNetV2: against the same kernels called by hand, and against tfjs-converter.
import { join } from "node:path";
import { mobileNetV2ByHand } from "./lib/by-hand.mjs";
import { compareKernels } from "./lib/compare-kernels.mjs";
import { provideMobileNetV2 } from "./lib/mobilenetv2.mjs";

const versions = await provideMobileNetV2();
if (versions === undefined) process.exit(0);
await compareKernels({
  bench: "portable-mobilenetv2",
  folder: join(versions, "1"),
  name: "mobilenetv2",
  shape: [224, 224, 3],
  handmade: mobileNetV2ByHand,
});
