import type { Target } from "../target.js";
import { bundle } from "./bundle.js";
import { example } from "./example.js";
import { images } from "./images.js";
import { savedModel } from "./saved-model.js";
import { warmUp } from "./warm-up.js";

/** What is fuzzed. */
export const TARGETS: readonly Target[] = [savedModel, bundle, example, images, warmUp];
