export { folderFiles } from "./folder-files.js";
export { fsSource } from "./fs-source.js";
export type { FsSourceOptions, MissingFrom } from "./options.js";
