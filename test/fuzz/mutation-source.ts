import type { Random } from "./random.js";

/** What a mutation draws from. */
export interface MutationSource {
  readonly random: Random;
  /** Another input, to take parts of. */
  readonly other: Uint8Array;
  /** Pieces that mean something in this format. */
  readonly tokens: readonly Uint8Array[];
  /** Whether inputs are protocol buffer messages. */
  readonly isMessage: boolean;
  /** Inputs do not grow beyond this. */
  readonly maxBytes: number;
}

/** Numbers at the edges of what formats can hold. */
export const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  16n,
  63n,
  64n,
  100n,
  127n,
  128n,
  255n,
  256n,
  1_000n,
  1_024n,
  4_096n,
  32_767n,
  65_535n,
  65_536n,
  1_000_000n,
  2n ** 24n,
  2n ** 28n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 33n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -1n,
  -2n,
  -(2n ** 31n),
  -(2n ** 63n),
];
