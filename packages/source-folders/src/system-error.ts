/** The code of an error of the operating system, such as ENOENT. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // Other errors have codes, too: those of Node and of servable.
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Whether an error says that there is nothing of that name, or that its links go round in circles. */
export function saysMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"].includes(systemCodeOf(error) ?? "");
}

/** Whether an error will stay until someone acts, unlike a fault of the moment. */
export function saysForbidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(systemCodeOf(error) ?? "");
}

/** An error in as few words as name it. */
export function shortReason(error: unknown): string {
  return systemCodeOf(error) ?? (error instanceof Error ? error.message : String(error));
}
