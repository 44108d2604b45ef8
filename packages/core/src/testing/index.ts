export { type GatedLoad, type GatedLoader, type GatedServable, gatedLoader } from "./gated-loader.js";
export { type LoadContextOptions, loadContext } from "./load-context.js";
export { type ManualClock, manualClock } from "./manual-clock.js";
