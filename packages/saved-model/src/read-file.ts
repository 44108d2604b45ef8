/**
 * Reads a file of a model version, or bytes `start` up to, not including, `end` of it. What it gives is kept: it must
 * not be changed afterwards.
 */
export type ReadFile = (name: string, range?: { readonly start: number; readonly end: number }) => Promise<Uint8Array>;
