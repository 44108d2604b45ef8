import { type FileEntry, type OpenFiles, ServingError } from "@servable/core";

/** Which file of a version is meant. */
export interface FileChoice {
  /** The one and no other. */
  readonly wanted: string | undefined;
  /** The one that is meant where there are several. */
  readonly usual: string;
}

/**
 * Finds the file that is meant: the one asked for, else the usual one, else the only one.
 * @throws ServingError NOT_FOUND if it is not there, or none of several is the usual one
 */
export async function chooseFile(files: OpenFiles, { wanted, usual }: FileChoice): Promise<FileEntry> {
  const entries = await files.list();
  const named = entries.find(({ name }) => name === (wanted ?? usual));
  if (named !== undefined) return named;
  const [only] = entries;
  if (wanted === undefined && only !== undefined && entries.length === 1) return only;
  const there = entries.length === 0 ? "no files" : listed(entries);
  const wayOut = wanted === undefined ? `; name one of them by the option \`file\`, or call it ${usual}` : "";
  throw new ServingError("NOT_FOUND", `there is no file ${wanted ?? usual}; there are ${there}${wayOut}`);
}

const SHOWN = 10;

function listed(entries: readonly FileEntry[]): string {
  const names = entries.slice(0, SHOWN).map(({ name }) => name);
  const more = entries.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
