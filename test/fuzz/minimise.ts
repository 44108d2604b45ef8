/** A shorter input that still fails, by leaving out ever smaller parts. */
export async function minimise(input: Uint8Array, fails: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let smallest = input;
  for (let part = input.length >> 1; part >= 1; part >>= 1) {
    for (let at = 0; at < smallest.length; ) {
      const shorter = new Uint8Array(smallest.length - Math.min(part, smallest.length - at));
      shorter.set(smallest.subarray(0, at));
      shorter.set(smallest.subarray(at + part), at);
      if (await fails(shorter)) smallest = shorter;
      else at += part;
    }
  }
  return smallest;
}
