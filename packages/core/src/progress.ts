/** How far a piece of work has come, for progress bars and `explain`. */
export interface Progress {
  /** What is being done: "download", "parse", "compile", "warm up". */
  readonly stage: string;
  /** Work done so far, in `unit`. */
  readonly done?: number;
  /** All the work there is, in `unit`; absent while unknown. */
  readonly total?: number;
  /** @defaultValue "items" */
  readonly unit?: "bytes" | "items";
}
