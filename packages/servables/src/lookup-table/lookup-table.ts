import {
  DEFAULT_SIGNATURE,
  formatId,
  type LoadContext,
  type Loaded,
  type Loader,
  type ModelFiles,
  ServingError,
  type Shared,
} from "@servable/core";
import { eachLine } from "../text/each-line.js";
import { checkMaxLineBytes, MAX_LINE_BYTES } from "../text/max-line-bytes.js";
import { withFile } from "../text/with-file.js";
import { contentOf, lineTaker, type TableEntries } from "./read-table.js";
import { type LookupTable, makeTable } from "./table.js";
import { TableBuilder, type TableContent } from "./table-builder.js";
import { type TableDType, type TableValue, type ValueType, valueTypeOf } from "./value-type.js";

/** Options of {@link lookupTable}. */
export interface LookupTableOptions<D extends TableDType = "string"> {
  /** The dtype of the values: text, bigints (int64) or numbers (float32). @defaultValue "string" */
  readonly value?: D;
  /**
   * The value that calls get for a key that is missing; `found` is false there. `get` still gives undefined.
   * @defaultValue none: such a call fails
   */
  readonly default?: TableValue<D>;
  /** A table that answers for the keys that this one does not have; held while this one is loaded. */
  readonly base?: Shared<LookupTable<TableValue<D>>>;
}

/** Options of {@link lookupTableFiles}. */
export interface LookupTableFilesOptions<D extends TableDType = "string"> extends LookupTableOptions<D> {
  /** The file, relative to the version's folder. @defaultValue `table.tsv`, or the only file there is */
  readonly file?: string;
  /** What stands between key and value; later ones belong to the value. @defaultValue a tab */
  readonly separator?: string;
  /** A longer line is refused. @defaultValue 1 MiB */
  readonly maxLineBytes?: number;
}

/** Lines of a table are short: for each byte of the file so many of memory, measured with 12 bytes a line. */
const MEMORY_PER_FILE_BYTE = 7;

/**
 * A loader of a table of given entries. They are read once, now, and stay in memory while the loader is kept.
 * @throws ServingError INVALID_ARGUMENT for a value of another type than `value` says, a key that comes twice, or a bad
 * option
 */
export function lookupTable<D extends TableDType = "string">(
  entries: TableEntries<TableValue<D>>,
  options: LookupTableOptions<D> = {},
): Loader<LookupTable<TableValue<D>>> {
  const settings = settingsOf(options);
  const content = contentOf(entries, settings.type);
  return {
    estimateResources: () => ({ memoryBytes: content.memoryBytes }),
    load: (context) => loadedTable(content, settings, context),
  };
}

/**
 * Makes loaders of tables from files of lines, UTF-8, one entry each: `fsSource({ name, path, complete }).pipe(
 * loadWith(lookupTableFiles()))`. A line without a separator, with a value that is none of the dtype, or with a key that
 * has come before fails the load (DATA_LOSS) with file and line.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function lookupTableFiles<D extends TableDType = "string">(
  options: LookupTableFilesOptions<D> = {},
): (files: ModelFiles) => Loader<LookupTable<TableValue<D>>> {
  const { file, separator = "\t", maxLineBytes = MAX_LINE_BYTES } = options;
  if (separator === "" || /[\r\n]/.test(separator)) throw invalid("separator must be text within a line");
  checkMaxLineBytes(maxLineBytes);
  const settings = settingsOf(options);
  const choice = { wanted: file, usual: "table.tsv" };
  return (files) => ({
    estimateResources: (context) =>
      withFile({ files, choice }, context, (_, { sizeBytes }) => ({ memoryBytes: sizeBytes * MEMORY_PER_FILE_BYTE })),
    async load(context) {
      const content = await withFile({ files, choice }, context, async (open, entry) => {
        const builder = new TableBuilder(settings.type);
        await eachLine({ files: open, entry, maxLineBytes }, context, lineTaker(builder, separator, settings.type));
        return builder.content();
      });
      return loadedTable(content, settings, context);
    },
  });
}

interface Settings<V> {
  readonly type: ValueType<V>;
  readonly fallback: V | undefined;
  readonly base: Shared<LookupTable<V>> | undefined;
}

function settingsOf<D extends TableDType>(options: LookupTableOptions<D>): Settings<TableValue<D>> {
  // Without `value` D is its default.
  const { value = "string" as D, default: given, base } = options;
  const type = valueTypeOf(value);
  const fallback = given === undefined ? undefined : type.accept(given);
  if (given !== undefined && fallback === undefined) throw invalid(`default ${String(given)} is no ${type.dtype}`);
  return { type, fallback, base };
}

async function loadedTable<V>(
  { entries, memoryBytes }: TableContent<V>,
  { type, fallback, base }: Settings<V>,
  { id, signal }: LoadContext,
): Promise<Loaded<LookupTable<V>>> {
  signal.throwIfAborted();
  const held = await base?.hold(signal);
  const baseDType = held?.value.signatures[DEFAULT_SIGNATURE]?.outputs["values"]?.dtype;
  if (held !== undefined && baseDType !== type.dtype) {
    await held[Symbol.asyncDispose]();
    const message = `${formatId(id)}: the base ${base?.key} has values of ${baseDType}, this table of ${type.dtype}`;
    throw new ServingError("FAILED_PRECONDITION", message);
  }
  const servable = makeTable(id, { own: entries, base: held?.value, type, fallback });
  return {
    servable,
    resources: { memoryBytes },
    describe: () => ({
      entries: servable.size,
      bytes: memoryBytes,
      ...(base && { base: base.key, ownEntries: entries.size }),
    }),
    [Symbol.asyncDispose]: async () => held?.[Symbol.asyncDispose](),
  };
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
