export { type GatedLoad, type GatedLoader, type GatedServable, gatedLoader } from "./gated-loader.js";
export { type ManualClock, manualClock } from "./manual-clock.js";
