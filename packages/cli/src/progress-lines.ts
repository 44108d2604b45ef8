import type { Progress } from "@servable/core";

const WIDTH = 20;

/** Makes lines with bars of progress that is counted in bytes: one for each tenth, not one for each step. */
export function progressLines(): (what: string, progress: Progress) => string | undefined {
  const told = new Map<string, number>();
  return (what, { stage, done, total }) => {
    if (done === undefined || total === undefined) return undefined;
    const share = total === 0 ? 1 : done / total;
    const tenth = Math.floor(share * 10);
    const key = `${what} ${stage}`;
    // A smaller share than before is that of another try.
    if (told.get(key) === tenth) return undefined;
    told.set(key, tenth);
    const full = Math.floor(share * WIDTH);
    const bar = "#".repeat(full) + ".".repeat(WIDTH - full);
    return `${what}: ${stage} [${bar}] ${Math.floor(share * 100)} % of ${inUnits(total)}`;
  };
}

function inUnits(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
