// What a tool wants to know of TensorFlow's library: where it is looked for, what it says of itself, and which engine
// `auto` would take for it.
export { ENGINE_ORDER, foundForEngine } from "./choose-engine.js";
export type { EngineName } from "./engine/engine.js";
export type { Device } from "./native/devices.js";
export {
  CURRENT_RUNTIME,
  chosenLibrary,
  type LibraryOrigin,
  type LibraryPlace,
  runtimesFolder,
} from "./native/find-library.js";
export { inspectLibrary, type LibraryFacts } from "./native/inspect-library.js";
export { libraryInPackagesHere, placesHere } from "./native/look-around.js";
