/** Throws in a task of its own: for an error that has no other place, so that the runtime hears of it. */
export function throwLater(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
