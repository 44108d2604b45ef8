export type { Look } from "./decide.js";
export { folderFiles } from "./folder-files.js";
export {
  type Check,
  type FolderOptions,
  type FolderRules,
  isDuration,
  type MissingFrom,
  resolveFolderOptions,
} from "./folder-rules.js";
export type { FolderListing, FolderStore, ReadOptions, StoreFailure, WholeFolder } from "./folder-store.js";
export { type FolderState, type ListedFile, listFolder, revisionOf } from "./list-folder.js";
export { manifestFiles } from "./manifest-files.js";
export { readFileIn } from "./read-file.js";
export { saysForbidden, saysMissing, shortReason, systemCodeOf } from "./system-error.js";
export { type BaseEntry, type VersionFolders, versionFolders } from "./version-folders.js";
export { type FolderWatch, type Pace, watchFolders } from "./watch-folders.js";
