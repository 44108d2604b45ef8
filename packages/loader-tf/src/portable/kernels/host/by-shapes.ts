/**
 * What `make` gives for two shapes, kept for as long as the shapes stay the same: a model is mostly called with one
 * size of input, and what a kernel checks and works out of shapes takes longer than small kernels do.
 */
export function byShapes<T>(make: (a: readonly number[], b: readonly number[]) => T): typeof make {
  let latest: { readonly a: readonly number[]; readonly b: readonly number[]; readonly made: T } | undefined;
  return (a, b) => {
    if (latest !== undefined && isSame(latest.a, a) && isSame(latest.b, b)) return latest.made;
    const made = make(a, b);
    latest = { a, b, made };
    return made;
  };
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let axis = 0; axis < one.length; axis++) if (one[axis] !== other[axis]) return false;
  return true;
}
