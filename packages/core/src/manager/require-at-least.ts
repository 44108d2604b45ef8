/**
 * Checks options by name.
 * @throws RangeError for one that is less than `least`, or no number
 */
export function requireAtLeast(least: number, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= least)) throw new RangeError(`${name} must be at least ${least}, got ${value}`);
  }
}
