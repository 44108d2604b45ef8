import type { Observable } from "rxjs";

/** A version that should be loaded, or that should be but cannot. */
export type AspiredVersion<D> =
  | {
      readonly version: number;
      /** Which bytes: an etag, a digest, sizes and times. The same version with another revision is a replacement. */
      readonly revision?: string;
      readonly data: D;
    }
  | { readonly version: number; readonly error: unknown };

/** An entry that a source saw and did not take for a version. */
export interface SkippedEntry {
  readonly entry: string;
  readonly reason: string;
}

/** The complete list of versions of one name that should be loaded now. */
export interface AspiredVersions<D, N extends string = string> {
  readonly name: N;
  readonly versions: readonly AspiredVersion<D>[];
  readonly skipped?: readonly SkippedEntry[];
  /** Facts for `explain`: when it last looked, what that costs. */
  readonly notes?: readonly string[];
}

/**
 * Finds versions. Cold: work starts on subscribe and ends on unsubscribe. Each emission supersedes the last of that
 * name. Completion means "this was the last list"; an error means that the source is dead. What it asked for stays
 * loaded in both cases.
 */
export type Source<D, N extends string = string> = Observable<AspiredVersions<D, N>>;

/** Turns a source of one kind of data into a source of another; used with `.pipe()`. */
export type SourceAdapter<A, B> = <N extends string>(source: Source<A, N>) => Source<B, N>;
