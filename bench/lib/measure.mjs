// How every claim is measured: ours and the rival in turn, several rounds, medians, one JSON line per case.

/** The middle of some numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs both sides in turn, the one that begins changing from round to round; gives the median of each. */
export async function alternate({ rounds, ours, rival }) {
  const values = { ours: [], rival: [] };
  for (let round = 0; round < rounds; round++) {
    const sides = [
      ["ours", ours],
      ["rival", rival],
    ];
    for (const [side, run] of round % 2 === 0 ? sides : sides.reverse()) values[side].push(await run());
  }
  return { ours: median(values.ours), rival: median(values.rival) };
}

/** Prints a result as one JSON line. `ratio` is ours over the rival's. */
export function report({ bench, name, rivalName, unit, sense, target, ours, rival }) {
  const ratio = Number((ours / rival).toFixed(3));
  const ok = sense === ">=" ? ratio >= target : ratio <= target;
  const value = Number(ours.toPrecision(4));
  console.log(JSON.stringify({ bench, case: name, rival: rivalName, value, unit, ratio, sense, target, ok }));
  return ok;
}
