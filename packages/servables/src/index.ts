export {
  type LookupTableFilesOptions,
  type LookupTableOptions,
  lookupTable,
  lookupTableFiles,
} from "./lookup-table/lookup-table.js";
export type { TableEntries } from "./lookup-table/read-table.js";
export type { LookupTable } from "./lookup-table/table.js";
export type { TableDType, TableValue } from "./lookup-table/value-type.js";
export { sharedServable } from "./shared-servable.js";
