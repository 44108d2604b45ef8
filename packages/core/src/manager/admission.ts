import { ResourceLedger, type ResourceLimits } from "./resource-ledger.js";
import { createSlots, type Slots } from "./slots.js";

/** What lets loads begin: a slot for the work and room for the result. */
export interface Admission {
  readonly slots: Slots;
  readonly ledger: ResourceLedger;
}

/** @throws RangeError for a limit that is not positive */
export function createAdmission(
  loadConcurrency: number,
  limits: ResourceLimits & { readonly versions?: number },
): Admission {
  const slots = createSlots(loadConcurrency);
  return { slots, ledger: new ResourceLedger(limits, () => slots.look()) };
}
