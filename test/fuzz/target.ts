/** Something that takes bytes from outside. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with. */
  seeds(): readonly Uint8Array[];
  /** Pieces that mean something in this format. */
  readonly tokens: readonly Uint8Array[];
  /** Whether inputs are protocol buffer messages. */
  readonly isMessage: boolean;
  /** Inputs do not grow beyond this. */
  readonly maxBytes: number;
  /** Puts checksums right, which no mutation would. */
  repair?(input: Uint8Array): Uint8Array;
  /** Reads the input. What it throws must be one of our own errors. */
  run(input: Uint8Array): unknown;
}

/** An input that a target must not fail on as it did. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/**
 * Reads an input as it must be read: to a result, or an error of ours that does not stand for a defect.
 * @throws Fault for anything else
 */
export async function check(target: Target, input: Uint8Array): Promise<void> {
  try {
    await target.run(input);
  } catch (error) {
    if (isRefusal(error)) return;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Fault(message, { cause: error });
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.name === "SavedModelError" || (error.name === "ServingError" && error.code !== "INTERNAL");
}
