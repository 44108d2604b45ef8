// What a tool wants to know of TensorFlow's library: where it is looked for, and what it says of itself.
export {
  CURRENT_RUNTIME,
  chosenLibrary,
  type LibraryOrigin,
  type LibraryPlace,
  runtimesFolder,
} from "./native/find-library.js";
export { placesHere } from "./native/look-around.js";
