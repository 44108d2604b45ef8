/** A range of a file that one request fetches. */
export interface Part {
  /** Which of the files. */
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts files into parts of at most `partBytes`, the largest files first, since they end last. Pure. */
export function partsOf(sizes: readonly number[], partBytes: number): readonly Part[] {
  const order = sizes.map((size, file) => ({ size, file })).sort((a, b) => b.size - a.size || a.file - b.file);
  return order.flatMap(({ size, file }) => {
    const count = Math.ceil(size / partBytes);
    return Array.from({ length: count }, (_, at) => ({
      file,
      start: at * partBytes,
      end: Math.min((at + 1) * partBytes, size),
    }));
  });
}

/**
 * A part as a line of the journal of parts that are on the disk. It begins a line of its own, so that it does not
 * become part of one that was cut off.
 */
export function formatPart({ file, start, end }: Part): string {
  return `\n${file} ${start} ${end}\n`;
}

/** The parts that a journal names; a last line that was cut off counts for nothing. */
export function parseJournal(text: string): ReadonlySet<string> {
  const lines = text.split("\n").slice(0, -1);
  return new Set(lines.filter((line) => /^\d+ \d+ \d+$/.test(line)).map((line) => `\n${line}\n`));
}
