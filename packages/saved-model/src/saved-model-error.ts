/** How a file of a SavedModel can be bad. */
export type SavedModelErrorCode = "DATA_LOSS" | "NOT_FOUND" | "INVALID_ARGUMENT" | "UNSUPPORTED";

/** A SavedModel that cannot be read; the message names the part, those who know the servable put its name before it. */
export class SavedModelError extends Error {
  override readonly name = "SavedModelError";
  readonly code: SavedModelErrorCode;

  constructor(code: SavedModelErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
