import type { Value } from "./value.js";

/**
 * Runs a body of a control flow node to its end. `lend`ed arguments stay the caller's; those `give`n are the body's
 * from then on, whatever happens, so that lists among them can be changed in place.
 */
export type RunBody = (body: number, inputs: readonly Value[], how: "lend" | "give") => Value[];

/** Runs the bodies of a control flow node: values in, values out, which the caller releases. */
export type ControlKernel = (run: RunBody, inputs: readonly Value[]) => readonly Value[];
