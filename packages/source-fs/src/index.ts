export type { MissingFrom } from "@servable/source-folders";
export { folderFiles } from "@servable/source-folders";
export { fsSource } from "./fs-source.js";
export type { FsDiscoverOptions, FsSourceOptions, FsWatchOptions } from "./options.js";
export { type FolderPublished, type FolderPublishOptions, publishToFolder } from "./publish-to-folder.js";
