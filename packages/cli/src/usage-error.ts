/** The command line cannot be followed; the message says what to do. The process ends with status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
